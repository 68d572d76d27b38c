/**
 * Plain HTML: `<span data-sprag="tv:playback.url"></span>` shows the value, and a form
 * control also writes it.
 */
/** Binds every element with `data-sprag` below `root`; answers with the function that ends it. */
export declare function bind(root?: ParentNode): () => void;
