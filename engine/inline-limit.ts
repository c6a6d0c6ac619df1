/** Artifacts up to this size live in the database itself. */
export const inlineLimitBytes = 32 * 1024;
