import { builtinModules } from 'node:module';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { listFiles, packageFolders, readManifest, readText } from './workspace.ts';

/** Which packages of the workspace a package may import. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  'authorization-server': ['@mcp-m2m/core'],
  cli: ['@mcp-m2m/authorization-server', '@mcp-m2m/console', '@mcp-m2m/core', '@mcp-m2m/doctor'],
  console: ['@mcp-m2m/authorization-server', '@mcp-m2m/core', '@mcp-m2m/doctor'],
  core: [],
  doctor: ['@mcp-m2m/core'],
  express: ['@mcp-m2m/core'],
  fastify: ['@mcp-m2m/core'],
  koa: ['@mcp-m2m/core'],
  nestjs: ['@mcp-m2m/core'],
  testing: [],
  web: ['@mcp-m2m/core'],
};

/** Which rooms of core a room may import; a file at the top is in the room `root`. */
const ROOMS: Readonly<Record<string, readonly string[]>> = {
  root: ['root'],
  'client-authentication': ['client-authentication', 'root'],
  server: ['server', 'client-authentication', 'root'],
  client: ['client', 'client-authentication', 'root'],
  fetch: ['fetch', 'server', 'client-authentication', 'root'],
  node: ['node', 'server', 'client', 'client-authentication', 'root'],
  opentelemetry: ['opentelemetry', 'server', 'client'],
};

const IMPORT = /(?:^|\n)\s*(?:import|export)\s(?:[^;]*?\sfrom\s)?'([^']+)'|\bimport\('([^']+)'\)/g;

function importsOf(file: string): readonly string[] {
  return [...readText(file).matchAll(IMPORT)].map((match) => match[1] ?? match[2] ?? '');
}

function roomOf(file: string): string {
  const [first, second] = path.relative('packages/core/src', file).split(path.sep);
  return second === undefined ? 'root' : (first ?? '');
}

const isBuiltin = (specifier: string): boolean =>
  specifier.startsWith('node:') || builtinModules.includes(specifier);

/** What runs in browsers: bundled, so that its dependencies are those of the build. */
const PAGE = 'packages/console/src/page/';

describe('arrows between packages', () => {
  it.each(packageFolders)('%s imports only what it may, and what its manifest names', (folder) => {
    const { dependencies = {}, peerDependencies = {} } = readManifest(`packages/${folder}`) as {
      dependencies?: object;
      peerDependencies?: object;
    };
    const declared = [...Object.keys(dependencies), ...Object.keys(peerDependencies)];
    for (const file of listFiles(`packages/${folder}/src/*.ts`)) {
      if (file.startsWith(PAGE)) continue;
      for (const specifier of importsOf(file)) {
        if (specifier.startsWith('.') || isBuiltin(specifier)) continue;
        const name = specifier
          .split('/')
          .slice(0, specifier.startsWith('@') ? 2 : 1)
          .join('/');
        expect(declared, `${file} imports ${specifier}`).toContain(name);
        const allowed = name.startsWith('@mcp-m2m/') ? ALLOWED[folder] : [name];
        expect(allowed, `${file} imports ${specifier}`).toContain(name);
      }
    }
  });

  it('testing builds on jose alone', () => {
    expect(Object.keys(readManifest('packages/testing').dependencies ?? {})).toEqual(['jose']);
  });

  it('no package imports an app or a tool', () => {
    for (const file of listFiles('packages/*/src/*.ts')) {
      for (const specifier of importsOf(file))
        expect(specifier, file).not.toMatch(/^(?:sample-|demo|conformance|house|local-postgresql)/);
    }
  });
});

describe('arrows inside core', () => {
  const files = listFiles('packages/core/src/*.ts');

  it('every room is known and has files', () => {
    expect([...new Set(files.map(roomOf))].toSorted()).toEqual(Object.keys(ROOMS).toSorted());
  });

  it('server and client never import each other, and the shared root imports neither', () => {
    for (const file of files) {
      for (const specifier of importsOf(file)) {
        if (!specifier.startsWith('.')) continue;
        const target = path.join(path.dirname(file), specifier);
        expect(ROOMS[roomOf(file)], `${file} imports ${specifier}`).toContain(roomOf(target));
      }
    }
  });

  it('only node/ imports anything from Node.js', () => {
    for (const file of files) {
      if (roomOf(file) === 'node') continue;
      expect(importsOf(file).filter(isBuiltin), file).toEqual([]);
    }
  });
});

describe('the page of the console', () => {
  const files = listFiles(`${PAGE}*.ts`, `${PAGE}*.tsx`);

  it('knows the HTTP APIs alone: no package of the workspace, nothing of Node.js, nothing of the server beside it', () => {
    expect(files.length).toBeGreaterThan(20);
    for (const file of files) {
      for (const specifier of importsOf(file)) {
        expect(
          specifier.startsWith('@mcp-m2m/') || isBuiltin(specifier),
          `${file} imports ${specifier}`,
        ).toBe(false);
        if (!specifier.startsWith('.')) continue;
        expect(path.join(path.dirname(file), specifier), file).toContain(PAGE);
      }
    }
  });
});

describe('the authorization server', () => {
  it('never imports internals of its engine', () => {
    for (const file of listFiles('packages/authorization-server/src/*.ts')) {
      for (const specifier of importsOf(file)) expect(specifier, file).not.toMatch(/^oidc-provider\//);
    }
  });
});
