/** Path of the administrative API below the issuer's own. */
export const ADMIN_PATH = '/admin/v1';
