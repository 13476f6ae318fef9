import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';

import { describe, expect, it } from 'vitest';

import { parseDatabase } from '../../src/store/database-target.ts';
import { createTemporaryFolder } from '../temporary-folder.ts';

const PASSWORD = 'p:ss/word%';
const parse = (text: string) => {
  const target = parseDatabase(text);
  if (target.dialect !== 'postgresql') throw new Error('taken for SQLite');
  return target.connection;
};

describe('the option database', () => {
  it.each([':memory:', 'auth.sqlite', '/var/lib/auth.db', 'C:\\auth.db', './postgres.db'])(
    'takes %s as the path of an SQLite file',
    (path) => expect(parseDatabase(path)).toEqual({ dialect: 'sqlite', path }),
  );

  it('takes a PostgreSQL URL by both schemes, with everything percent-encoded', () => {
    const url = `postgresql://us%20er:${encodeURIComponent(PASSWORD)}@127.0.0.1:6432/my%20db?options=-c%20search_path%3Dx`;
    const { server, name, startupOptions, ...settings } = parse(url);
    expect(server).toMatchObject({
      host: '127.0.0.1',
      port: 6432,
      user: 'us er',
      database: 'my db',
      ssl: false,
    });
    expect(server.password?.()).toBe(PASSWORD);
    expect(name).toBe('postgresql://127.0.0.1:6432/my db');
    expect(startupOptions).toBe('-c search_path=x');
    expect(settings).toEqual({ maxConnections: 10, connectTimeoutSeconds: 5, statementTimeoutSeconds: 10 });
    expect(parse('postgres://[::1]/db').server.host).toBe('::1');
    expect(parse('postgres:///db?host=/run/postgresql').server.host).toBe('/run/postgresql');
    expect(parse('postgres://me@%2Frun%2Fpostgresql/db').server).toMatchObject({
      host: '/run/postgresql',
      user: 'me',
    });
  });

  it('takes settings of the connections beside the URL', () => {
    const target = parseDatabase({ url: 'postgres://localhost/db', maxConnections: 40 });
    expect(target).toMatchObject({ connection: { maxConnections: 40, connectTimeoutSeconds: 5 } });
  });

  it.each(['require', 'verify-ca', 'verify-full'])('verifies the certificate for sslmode=%s', (mode) => {
    expect(parse(`postgres://db.example.com/x?sslmode=${mode}`).server.ssl).toEqual({
      rejectUnauthorized: true,
    });
  });

  it('reads certificates and key that the URL names', () => {
    const folder = createTemporaryFolder();
    mkdirSync(folder, { recursive: true });
    const names = { sslrootcert: 'ca', sslcert: 'cert', sslkey: 'key' } as const;
    const query = Object.entries(names).map(([parameter, name]) => {
      writeFileSync(join(folder, name), `the ${name}`);
      return `${parameter}=${join(folder, name)}`;
    });
    expect(parse(`postgres://db/x?sslmode=verify-full&${query.join('&')}`).server.ssl).toEqual({
      rejectUnauthorized: true,
      ca: 'the ca',
      cert: 'the cert',
      key: 'the key',
    });
    expect(parse('postgres://db/x?sslmode=verify-full&sslrootcert=system').server.ssl).toEqual({
      rejectUnauthorized: true,
    });
  });

  it('sends nothing in plain text to another machine unless told to', () => {
    expect(() => parse('postgres://db.example.com/x')).toThrow('sslmode=verify-full');
    expect(() => parse('postgres://127.evil.example.com/x')).toThrow('sslmode=verify-full');
    expect(parse('postgres://db.example.com/x?sslmode=disable').server.ssl).toBe(false);
  });

  it.each([
    ['no text', 17, 'database must be the path'],
    ['empty', '', 'database must be the path'],
    ['of another database', 'mysql://localhost/x', 'not another URL'],
    ['a file URL', 'file:x.db', 'not another URL'],
    ['with several hosts', 'postgres://a:1,b:2/x', 'with one host'],
    ['without a host', 'postgres:///x', 'must name a host'],
    ['with an unknown parameter', 'postgres://localhost/x?statement_timeout=1', '"statement_timeout"'],
    ['with a mode that falls back', 'postgres://localhost/x?sslmode=prefer', 'verify-full'],
    ['with a certificate that is not there', 'postgres://h/x?sslmode=require&sslrootcert=/no', 'sslrootcert'],
    ['with a bare %', 'postgres://localhost/x%', 'percent-encoded'],
    ['an object without a URL', { maxConnections: 3 }, 'PostgreSQL URL'],
    ['an object with an unknown setting', { url: 'postgres://localhost/x', ssl: true }, 'ssl'],
    ['with no connections', { url: 'postgres://localhost/x', maxConnections: 0 }, 'maxConnections'],
    [
      'that waits for ever',
      { url: 'postgres://localhost/x', statementTimeoutSeconds: 1e9 },
      'statementTimeoutSeconds',
    ],
  ])('refuses a value that is %s', (_name, value, message) => {
    expect(() => parseDatabase(value)).toThrow(TypeError);
    expect(() => parseDatabase(value)).toThrow(message);
  });

  it('S1: never shows the password', () => {
    const canary = 'hunter2canary';
    expect(
      inspect(parse(`postgres://me:${canary}@localhost/x`), { depth: 9, showHidden: true }),
    ).not.toContain(canary);
    for (const url of [
      `postgres://me:${canary}@db/x`,
      `postgres://me:${canary}%@localhost/x`,
      `postgres://me:${canary}@/x`,
      `postgres://me:${canary}@a:1,b:2/x`,
      `postgres://me:${canary}@localhost/x?sslmode=allow`,
      `postgres://me:${canary}@localhost:99999/x`,
      `mysql://me:${canary}@localhost/x`,
    ]) {
      let thrown: unknown;
      try {
        parseDatabase(url);
      } catch (error) {
        thrown = error;
      }
      expect(thrown).toBeInstanceOf(TypeError);
      expect(inspect(thrown, { depth: 9, showHidden: true })).not.toContain(canary);
    }
  });
});
