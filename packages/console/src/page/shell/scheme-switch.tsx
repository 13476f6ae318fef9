import { NativeSelect, useMantineColorScheme, type MantineColorScheme } from '@mantine/core';

/** Light, dark, or as the system has it. */
export function SchemeSwitch() {
  // Suspending transitions would take a style element, which the policy does not allow.
  const { colorScheme, setColorScheme } = useMantineColorScheme({ keepTransitions: true });
  return (
    <NativeSelect
      size="xs"
      aria-label="Colours"
      value={colorScheme}
      onChange={(event) => setColorScheme(event.currentTarget.value as MantineColorScheme)}
      data={[
        { value: 'auto', label: 'System colours' },
        { value: 'light', label: 'Light' },
        { value: 'dark', label: 'Dark' },
      ]}
    />
  );
}
