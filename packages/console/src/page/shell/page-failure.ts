/** Says that the page itself failed, where there would be nothing at all. */
export function showPageFailure(body: HTMLElement): void {
  const main = document.createElement('main');
  main.className = 'content';
  const title = document.createElement('h1');
  title.textContent = 'This page failed';
  const words = document.createElement('p');
  words.setAttribute('role', 'alert');
  words.textContent =
    'Reload it. If it fails again, tell the operator of this console what you did; nothing was changed by the failure itself.';
  main.append(title, words);
  body.replaceChildren(main);
}
