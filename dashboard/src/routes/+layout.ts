/** Every page is drawn in the browser: what the controller hands out is one empty page and its files. */
export const ssr = false
