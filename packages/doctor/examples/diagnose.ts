import { clientSecretBasic } from '@mcp-m2m/core/client';
import { diagnose, exitCodeOf, formatTree } from '@mcp-m2m/doctor';

const diagnosis = await diagnose({
  url: 'https://mcp.example.com/mcp',
  clientId: 'nightly-report',
  issuer: 'https://auth.example.com',
  authentication: clientSecretBasic({ clientSecret: process.env.CLIENT_SECRET ?? '' }),
});
console.log(formatTree(diagnosis, { color: process.stdout.isTTY }));
process.exitCode = exitCodeOf(diagnosis);
