import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express';
import type { Logger } from '../log.js';
import { allowedMethods } from './capability.js';
import type { Metrics } from './metrics.js';
import type { OperationHandler } from './operation-handler.js';
import { ownPages, requestPath } from './request-path.js';

/** Whether the bridge can answer for its pool, as `/readyz` shows it. */
export interface Status {
  readonly ready: boolean;
  readonly poolReachable: boolean;
  /** Seconds since the cache was last known to be that of the pool; undefined before the first time. */
  readonly cacheAge?: number;
  /** Why it is not ready, or what is amiss though it is: a sentence without secrets. */
  readonly reason?: string;
}

export interface AppOptions {
  readonly operations: OperationHandler;
  readonly metrics: Metrics;
  readonly status: () => Status;
  readonly log: Logger;
  readonly version?: string;
}

/**
 * Makes the express app for all that is no CIM operation: health, readiness, metrics and a page that says what this is.
 * Operations find their handler here too, by a longer way than the listener takes.
 */
export function createApp({ operations, metrics, status, log, version = '' }: AppOptions): Express {
  const app = express();
  app.disable('x-powered-by').disable('etag').enable('case sensitive routing');
  app.use((_request, response, next) => {
    response.set('Cache-Control', 'no-store').set('X-Content-Type-Options', 'nosniff');
    next();
  });
  app.get('/healthz', (_request, response) => void response.type('text').send('ok\n'));
  app.get('/readyz', readiness(status));
  app.get('/metrics', figures(metrics));
  app.get('/', (_request, response) => void response.type('text').send(welcome(version)));
  app.use(elsewhere(operations));
  app.use(failure(log));
  return app;
}

const readiness =
  (status: () => Status): RequestHandler =>
  (_request, response) => {
    const { ready, poolReachable, cacheAge, reason } = status();
    const body = { ready, poolReachable, cacheAgeSeconds: cacheAge ?? null, reason: reason ?? null };
    response.status(ready ? 200 : 503).json(body);
  };

const figures =
  ({ registry }: Metrics): RequestHandler =>
  async (_request, response) => {
    response.type(registry.contentType).send(await registry.metrics());
  };

const welcome = (version: string): string =>
  [
    `xen-cim-bridge ${version}`.trim(),
    'A CIM-XML (WBEM) server that shows a Xen pool. Operations come by POST to /cimom, with HTTP Basic authentication.',
    ...Object.entries(ownPages).map(([path, what]) => `${path}: ${what}`),
    '',
  ].join('\n');

/** Everything that is no page: operations to their handler, the rest to a refusal that says what there is. */
function elsewhere(operations: OperationHandler): RequestHandler {
  return (request, response) => {
    const path = requestPath(request.originalUrl);
    const { method } = request;
    if (Object.hasOwn(ownPages, path)) {
      if (method === 'GET' || method === 'HEAD') response.redirect(308, path);
      else response.status(405).set('Allow', 'GET, HEAD').type('text').send(`${path} is a page: it takes GET\n`);
    } else if (method === 'POST' || method === 'OPTIONS') {
      return operations(request, response);
    } else if (path === '/cimom' || (method !== 'GET' && method !== 'HEAD')) {
      const sentence = `${method} is not supported here; CIM operations come by POST\n`;
      response.status(405).set('Allow', allowedMethods).type('text').send(sentence);
    } else {
      response.status(404).type('text').send('there is no such page; / says what there is\n');
    }
    return undefined;
  };
}

const failure =
  (log: Logger): ErrorRequestHandler =>
  (error: { status?: number }, request, response, _next) => {
    const status = error.status !== undefined && error.status >= 400 && error.status < 500 ? error.status : 500;
    if (status === 500) log.error({ err: error, path: requestPath(request.originalUrl) }, 'a page failed');
    if (response.headersSent) response.destroy();
    else
      response
        .status(status)
        .type('text')
        .send(status === 500 ? 'a fault of the bridge; its log says more\n' : 'bad request\n');
  };
