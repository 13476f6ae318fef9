import { describe, expect, it } from 'vitest';
import { createNodeFetch } from '../../../src/node/fetch/node-fetch.ts';

describe('createNodeFetch', () => {
  it.each<[object, RegExp]>([
    [{ allowLoopBack: true }, /unknown option "allowLoopBack", did you mean "allowLoopback"/],
    [{ allowLoopback: 'yes' }, /allowLoopback must be true or false/],
    [{ allowedNetworks: '10.0.0.0/8' }, /allowedNetworks must be a list/],
    [{ allowedNetworks: [8] }, /allowedNetworks must be a list/],
    [{ allowedNetworks: ['10.0.0.0'] }, /allowedNetworks takes networks/],
    [{ certificate: { cert: '/etc/tls.crt', key: '/etc/tls.key' } }, /certificate\.cert must be PEM text/],
    [
      { certificate: { cert: '-----BEGIN CERTIFICATE-----' } },
      /certificate\.key must be PEM text.*received none/,
    ],
    [{ certificate: { cert: 'x', key: 'y', ca: 'z' } }, /certificate: unknown option "ca"/],
    [{ ca: '' }, /ca must be PEM text.*received an empty string/],
    [{ lookup: 'dns' }, /lookup must be a function/],
    [{ connectTimeoutMilliseconds: 0 }, /connectTimeoutMilliseconds must be a whole number/],
    [{ headersTimeoutMilliseconds: 2 ** 31 }, /headersTimeoutMilliseconds must be a whole number/],
  ])('refuses %j', (options, message) => {
    expect(() => createNodeFetch(options)).toThrow(message);
    expect(() => createNodeFetch(options)).toThrow(TypeError);
  });
});
