declare module 'workerd' {
  /** Where the program is. */
  const program: string;
  export default program;
}
