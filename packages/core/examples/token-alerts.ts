import type { TokenEvent } from '@mcp-m2m/core/client';

/** For the option `onEvent`. */
export function watchTokens(event: TokenEvent): void {
  switch (event.type) {
    case 'token_request':
      if (event.error !== undefined) alert(event.blocking ? 'error' : 'warning', event.error.message);
      return;
    case 'credential_refused':
      return alert('error', `${event.clientId}: credential ${event.position} (${event.method}) was refused`);
    case 'renewal_suspended':
      return alert('error', `${event.resource} refuses every token. ${event.hint}`);
    case 'store_failed':
      return alert('warning', event.error.message);
    case 'step_up_declined':
      return alert('warning', `${event.resource} wants ${event.scopes.join(' ')}: ${event.cause}`);
    case 'scope_widened':
      return alert('warning', `${event.resource}: granted ${event.granted.join(' ')}, more than asked for`);
    case 'not_replayable':
    case 'resource_omitted':
    case 'token_shared':
  }
}

function alert(level: 'warning' | 'error', text: string): void {
  console.error(`${level}: ${text}`);
}
