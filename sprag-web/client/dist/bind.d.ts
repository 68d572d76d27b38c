/**
 * Plain HTML: `<span data-sprag="tv:playback.url"></span>` shows the value, and a form
 * control also writes it. A control whose write is refused goes back, and is invalid with
 * the reason as its message until the next write.
 */
/** Binds every element with `data-sprag` below `root`; answers with the function that ends it. */
export declare function bind(root?: ParentNode): () => void;
