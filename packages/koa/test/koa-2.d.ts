declare module 'koa-2' {
  // The types of Koa 3 describe what the tests use of Koa 2.
  export { default } from 'koa';
}
