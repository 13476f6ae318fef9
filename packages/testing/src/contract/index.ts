export { adapterContract } from './adapter-contract.ts';
export type { AdapterContractOptions } from './adapter-contract-options.ts';
export { toContractResponse, writeContractAnswer } from './contract-answer.ts';
export type { ContractCase } from './contract-case.ts';
export {
  createContractHandler,
  type ContractAnswer,
  type ContractHandler,
  type ContractRequest,
} from './contract-handler.ts';
export type {
  ContractAccess,
  ContractServer,
  ContractServerOptions,
  StartContractServer,
} from './contract-server.ts';
