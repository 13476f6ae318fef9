declare module 'express-4' {
  // The types of Express 5 describe what the tests use of Express 4.
  export { default } from 'express';
}
