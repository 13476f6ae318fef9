// Run as a child process: serves until it is killed, or its parent is gone.
import { claimsFor, registerWithKey, signAssertion } from '../assertion.ts';
import { registerWithSecret, startServer } from '../running-server.ts';

process.once('disconnect', () => process.exit());

const [database = '', secretKey = ''] = process.argv.slice(2);
const running = await startServer({ database, secretKey });
const secret = await registerWithSecret(running, 'doomed');
const signer = await registerWithKey(running, 'doomed-signer');
const assertion = await signAssertion(signer.privateKey, claimsFor(signer, running));
process.send?.({ issuer: running.issuer, secret, assertion });
