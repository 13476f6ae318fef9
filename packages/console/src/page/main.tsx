import '@mantine/core/styles.css';
import './styles/base.css';
import './styles/layout.css';
import './styles/parts.css';

import { MantineProvider } from '@mantine/core';
import { QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';

import { createQueries } from './api/queries.ts';
import { App } from './shell/app.tsx';
import { showPageFailure } from './shell/page-failure.ts';

const root = document.getElementById('page');
if (root !== null) {
  createRoot(root, { onUncaughtError: () => showPageFailure(document.body) }).render(
    <StrictMode>
      {/* What Mantine would write into style elements stands in its style sheet and ours: the policy allows no others. */}
      <MantineProvider defaultColorScheme="auto" withCssVariables={false} withGlobalClasses={false}>
        <QueryClientProvider client={createQueries()}>
          <App />
        </QueryClientProvider>
      </MantineProvider>
    </StrictMode>,
  );
}
