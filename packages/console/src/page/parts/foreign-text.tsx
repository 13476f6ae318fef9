/** Characters that turn, hide or forge text, and are drawn as nothing themselves. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;

/**
 * Makes text that somebody else wrote safe to look at: what turns or hides text is shown by its code, and the length
 * is bounded.
 */
export function showForeign(text: string, most = 300): string {
  const bounded = text.length > most ? `${text.slice(0, most)}… (${text.length} characters)` : text;
  return bounded.replace(INVISIBLE, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
}

/** Text that somebody else wrote, in a direction of its own. */
export function ForeignText({ text, most = 300 }: { text: string; most?: number }) {
  return (
    <>
      <bdi className="foreign">{showForeign(text.slice(0, most), most)}</bdi>
      {text.length > most && <span className="dimmed small">… ({text.length} characters)</span>}
    </>
  );
}
