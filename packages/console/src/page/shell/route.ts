import { useSyncExternalStore } from 'react';

/** The parts of the address behind `#/`, decoded. */
export type Route = readonly string[];

function readHash(): string {
  return window.location.hash;
}

function subscribe(onChange: () => void): () => void {
  window.addEventListener('hashchange', onChange);
  return () => window.removeEventListener('hashchange', onChange);
}

/** Where the page is. */
export function useRoute(): Route {
  return parseRoute(useSyncExternalStore(subscribe, readHash));
}

/** Reads an address; parts that are not well formed are taken as they are. */
export function parseRoute(hash: string): Route {
  return hash
    .replace(/^#?\/?/, '')
    .split('/')
    .filter((part) => part !== '')
    .map((part) => {
      try {
        return decodeURIComponent(part);
      } catch {
        return part;
      }
    });
}

/** The address of a place, for links. */
export function hrefTo(...route: readonly string[]): string {
  return `#/${route.map(encodeURIComponent).join('/')}`;
}

/** Goes to a place. */
export function goTo(...route: readonly string[]): void {
  window.location.hash = hrefTo(...route);
}
