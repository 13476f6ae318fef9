import type { ContractCase } from '../contract-case.ts';
import { ACCESS, callTool, type DefineCase, LIST_TOOLS } from '../contract-scene.ts';
import { type ExpectedRefusal, expectRefusal } from '../expected-answer.ts';
import { expectServed } from '../expected-caller.ts';
import { needsRead, needsWrite } from '../expected-refusals.ts';

const NO_CODE = 'Bearer resource_metadata="<metadata>"';

const NEEDS_PERSON: ExpectedRefusal = {
  status: 403,
  challenge: NO_CODE,
  body: '{"jsonrpc":"2.0","id":7,"error":{"code":40300,"message":"The tool \\"approve_production\\" needs a person, and this access token is a machine\'s (client \\"test-client\\" acting for itself). No scope changes that. Let a person sign in (authorization code grant), or exchange their token for one of this client (token exchange grant), and call again with that access token.","data":{"reason":"user_required","operation":{"method":"tools/call","name":"approve_production"},"caller":"machine","grants":["authorization_code","urn:ietf:params:oauth:grant-type:token-exchange"]}}}',
};

const NEEDS_MACHINE: ExpectedRefusal = {
  status: 403,
  challenge: NO_CODE,
  body: '{"jsonrpc":"2.0","id":7,"error":{"code":40300,"message":"The tool \\"rotate_keys\\" is for machines, and this access token speaks for a user. Call again with an access token from the client credentials grant.","data":{"reason":"machine_required","operation":{"method":"tools/call","name":"rotate_keys"},"caller":"user","grants":["client_credentials"]}}}',
};

const NOT_ALLOWED: ExpectedRefusal = {
  status: 403,
  challenge: NO_CODE,
  body: '{"jsonrpc":"2.0","id":7,"error":{"code":40300,"message":"The tool \\"löschen\\" is not allowed for this caller (client \\"test-client\\"), whatever scopes its access token has. Ask the owner of the MCP server for access.","data":{"reason":"operation_not_allowed","operation":{"method":"tools/call","name":"löschen"},"caller":"machine"}}}',
};

/** Cases about what a caller may do. */
export function defineAccessCases(define: DefineCase): readonly ContractCase[] {
  const start = callTool('start_deployment');
  return [
    define('a tool that needs another scope is refused, with every scope that is needed', async (scene) => {
      const token = scene.authority.mint();
      expectRefusal(scene, await scene.send({ token, json: start }), needsWrite('"id":7,'));
    }),
    define('a refusal has the id of the request, whatever it is', async (scene) => {
      const token = scene.authority.mint();
      for (const id of ['"a\\"ü"', '0', '-1.5', '""']) {
        const body = JSON.stringify(start).replace('"id":7', `"id":${id}`);
        expectRefusal(scene, await scene.send({ token, body }), needsWrite(`"id":${id},`));
      }
    }),
    define('a refusal of a notification or of a batch has no id', async (scene) => {
      const token = scene.authority.mint();
      const notification = { ...start, id: undefined };
      expectRefusal(scene, await scene.send({ token, json: notification }), needsWrite(''));
      expectRefusal(scene, await scene.send({ token, json: [LIST_TOOLS, start] }), needsWrite(''));
    }),
    define('a token without the base scopes is refused for everything', async (scene) => {
      const token = scene.authority.mint({ scope: 'other' });
      expectRefusal(scene, await scene.send({ token }), needsRead('"id":1,'));
      expectRefusal(scene, await scene.send({ token, method: 'GET' }), needsRead(''));
      expectRefusal(scene, await scene.send({ token, method: 'DELETE' }), needsRead(''));
    }),
    define('a machine is refused what needs a person, in words and without an error code', async (scene) => {
      const token = scene.authority.mint({ scope: 'deploy:read deploy:approve' });
      expectRefusal(scene, await scene.send({ token, json: callTool('approve_production') }), NEEDS_PERSON);
    }),
    define('a person is refused what is for machines', async (scene) => {
      const token = scene.authority.mint({ sub: 'ada' });
      expectRefusal(scene, await scene.send({ token, json: callTool('rotate_keys') }), NEEDS_MACHINE);
    }),
    define(
      'a tool that is not on a closed list is refused, in UTF-8',
      async (scene) => {
        const token = scene.authority.mint();
        expectRefusal(scene, await scene.send({ token, json: callTool('löschen') }), NOT_ALLOWED);
      },
      { access: { ...ACCESS, unlistedTools: 'refuse' } },
    ),
    define('what the policy allows is served, with the arguments as they came', async (scene) => {
      const writer = scene.authority.mint({ scope: 'deploy:read deploy:write' });
      const json = callTool('start_deployment', { service: 'wëb', replicas: [1, 2.5, null], dry: false });
      const served = await scene.send({ token: writer, json });
      expectServed(scene, served, { token: writer, parsedBody: json });
      const person = scene.authority.mint({ sub: 'ada', scope: 'deploy:read deploy:approve' });
      const approve = callTool('approve_production');
      expectServed(scene, await scene.send({ token: person, json: approve }), {
        token: person,
        parsedBody: approve,
      });
    }),
    define('a batch that the policy allows is served as a batch', async (scene) => {
      const token = scene.authority.mint();
      const json = [LIST_TOOLS, { jsonrpc: '2.0', method: 'notifications/initialized' }];
      expectServed(scene, await scene.send({ token, json }), { token, parsedBody: json });
    }),
  ];
}
