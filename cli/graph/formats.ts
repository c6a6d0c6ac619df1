/** What a graph can be written as. */
export const graphFormats = ['svg', 'mermaid', 'dot', 'json'] as const;

export type GraphFormat = (typeof graphFormats)[number];
