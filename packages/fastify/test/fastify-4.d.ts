declare module 'fastify-4' {
  // The types of Fastify 5 describe what the tests use of Fastify 4.
  export { default } from 'fastify';
}
