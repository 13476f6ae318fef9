import { readAdapterContractOptions, type AdapterContractOptions } from './adapter-contract-options.ts';
import { defineAccessCases } from './cases/access-cases.ts';
import { defineBodyCases } from './cases/body-cases.ts';
import { defineBrokenBodyCases } from './cases/broken-body-cases.ts';
import { defineConcurrencyCases } from './cases/concurrency-cases.ts';
import { defineConnectionCases } from './cases/connection-cases.ts';
import { defineCredentialsCases } from './cases/credentials-cases.ts';
import { defineDisconnectCases } from './cases/disconnect-cases.ts';
import { defineDpopCases } from './cases/dpop-cases.ts';
import { defineMetadataCases } from './cases/metadata-cases.ts';
import { defineMethodCases } from './cases/method-cases.ts';
import { defineOutageCases } from './cases/outage-cases.ts';
import { definePathCases } from './cases/path-cases.ts';
import { defineSessionCases } from './cases/session-cases.ts';
import { defineStreamCases } from './cases/stream-cases.ts';
import { defineTokenCases } from './cases/token-cases.ts';
import type { ContractCase } from './contract-case.ts';
import { createCaseDefinition } from './contract-scene.ts';
import type { StartContractServer } from './contract-server.ts';

const ROOMS = [
  defineCredentialsCases,
  defineTokenCases,
  defineAccessCases,
  defineBodyCases,
  defineBrokenBodyCases,
  defineMethodCases,
  definePathCases,
  defineMetadataCases,
  defineOutageCases,
  defineDpopCases,
  defineSessionCases,
  defineConnectionCases,
  defineConcurrencyCases,
  defineStreamCases,
  defineDisconnectCases,
];

/**
 * Makes the cases that every adapter of `@mcp-m2m/core` has to pass: the same requests over HTTP, the same status,
 * `WWW-Authenticate`, body and caller, to the byte.
 *
 * Depends on no test runner. Every case starts and closes a server of its own, so that they may run in any order
 * and at the same time. Does not check the adapter's own API, nor what core decides in every detail.
 *
 * @param startServer - starts a server that is protected by the adapter
 * @throws TypeError when an option is unknown or cannot be used
 */
export function adapterContract(
  startServer: StartContractServer,
  options: AdapterContractOptions = {},
): readonly ContractCase[] {
  const settings = readAdapterContractOptions(options);
  const define = createCaseDefinition(startServer, settings);
  return ROOMS.flatMap((defineCases) => defineCases(define, settings));
}
