// The client under test: the suite starts it with a server's URL and, in the environment, the scenario's name
// and credentials.
import { runClientCredentials } from './machine-client-credentials.ts';
import { runEnterpriseManaged } from './machine-enterprise-managed.ts';
import { runWorkloadIdentity } from './machine-workload-identity.ts';
import { runPerson, runRegisteredPerson } from './person.ts';
import { readScenario, type Scenario } from './scenario.ts';

/** Scenarios of machines are driven by this project's token source alone; in all others a person consents. */
const DRIVERS: Readonly<Record<string, (scenario: Scenario) => Promise<void>>> = {
  'auth/client-credentials-basic': runClientCredentials,
  'auth/client-credentials-jwt': runClientCredentials,
  'auth/enterprise-managed-authorization': runEnterpriseManaged,
  'auth/pre-registration': runRegisteredPerson,
  'auth/wif-jwt-bearer': runWorkloadIdentity,
};

const scenario = readScenario();
await (DRIVERS[scenario.name] ?? runPerson)(scenario);
