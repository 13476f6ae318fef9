import { createBoundClient } from '../bound-client.ts';
import type { ContractCase } from '../contract-case.ts';
import type { ReceivedAnswer } from '../contract-client.ts';
import { type DefineCase, LIST_TOOLS, RESOURCE_ORIGIN } from '../contract-scene.ts';
import { expectNothingServed } from '../contract-status.ts';
import { expectSame } from '../expect-same.ts';
import { expectRefusal } from '../expected-answer.ts';
import { expectServed, MACHINE } from '../expected-caller.ts';
import { NO_CREDENTIALS } from '../expected-refusals.ts';

/** Other spellings of a path; which of them are routed to the handler is the framework's own affair. */
function spellingsOf(path: string): readonly string[] {
  const last = path.slice(-1);
  const code = (character: string): string => `%${character.charCodeAt(0).toString(16)}`;
  return [
    `/${path}`,
    `//${path}`,
    `//evil.example${path}`,
    `/\\evil.example${path}`,
    `${path}/`,
    `${path}//`,
    `${path}/.`,
    `/.${path}`,
    `/x/..${path}`,
    `/%2e%2e${path}`,
    `${path}?`,
    `${path}?a=1&a=2#fragment`,
    `${path}?a=%`,
    path.toUpperCase(),
    `${path.slice(0, -1)}${code(last)}`,
    `${path.slice(0, -1)}${code(last).replace('%', '%25')}`,
    `${path}%2f`,
    `${path}%00`,
    `${path}%`,
    `${path}%ff`,
    `${path};a=b`,
    `http://evil.example${path}`,
    `HTTP://evil.example:81${path}?x=http://a`,
    `${path}/../..${path}`,
    '*',
  ];
}

/** Cases about spellings of the path. */
export function definePathCases(define: DefineCase): readonly ContractCase[] {
  return [
    define('no spelling of the path leads past the protection', async (scene) => {
      for (const path of spellingsOf(scene.path)) {
        for (const method of ['POST', 'GET']) {
          const answer = await scene.send({ path, method });
          if (answer.status === 401) expectRefusal(scene, answer, NO_CREDENTIALS);
          else expectNotRouted(path, answer);
        }
      }
      await expectNothingServed(scene);
    }),
    define('every spelling of the path that is routed is served with its caller', async (scene) => {
      const token = scene.authority.mint();
      for (const path of spellingsOf(scene.path)) {
        const answer = await scene.send({ path, token });
        if (answer.status !== 200) expectNotRouted(path, answer);
        else expectServed(scene, answer, { token, parsedBody: LIST_TOOLS, caller: MACHINE });
      }
    }),
    define(
      'a spelling of the path needs a proof of its own, unless it is the same by RFC 3986',
      async (scene) => {
        const { send } = await createBoundClient(scene);
        const { path } = scene;
        const target = new URL(`${RESOURCE_ORIGIN}${path}`).pathname;
        for (const spelling of spellingsOf(path)) {
          const answer = await send({ path: spelling });
          if (answer.status === 200)
            expectSame(normalize(spelling), target, `the path ${spelling}, which was served,`);
          else if (answer.status !== 401) expectNotRouted(spelling, answer);
        }
      },
    ),
    define('a target that names a host is that of its path', async (scene) => {
      const { token, prove, send } = await createBoundClient(scene);
      const path = `http://evil.example${scene.path}`;
      const answer = await send({ path });
      if (answer.status !== 200) return expectNotRouted(path, answer);
      expectServed(scene, answer, { token, parsedBody: LIST_TOOLS });
      expectSame((await send({ path }, prove({ url: path }))).status, 401, 'the status');
    }),
  ];
}

/** A path that leads nowhere, or is sent elsewhere. */
function expectNotRouted(path: string, { status, body }: ReceivedAnswer): void {
  // What is no path at all may be too much for a server.
  const statuses = [301, 302, 307, 308, 400, 404, 405, ...(path === '*' ? [500] : [])];
  const isElsewhere = statuses.includes(status);
  if (!isElsewhere) expectSame({ status, body }, { status: 404, body }, `the answer for the path ${path}`);
}

/** What a server may take for the same path: without scheme and host, dot segments and needless escapes. */
function normalize(target: string): string {
  const path = target.replace(/^[a-z]+:\/\/[^/]*/i, '');
  const { pathname } = new URL(`${RESOURCE_ORIGIN}${path}`);
  return pathname.replaceAll(/%[0-9a-f]{2}/gi, (escape) => {
    const character = String.fromCharCode(Number.parseInt(escape.slice(1), 16));
    return /[\w.~-]/.test(character) ? character : escape;
  });
}
