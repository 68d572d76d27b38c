/**
 * Plain HTML: `<span data-sprag="tv:playback.url"></span>` shows the value, and a form control
 * also writes the value. A control whose write is refused is reset, and is invalid until the next
 * write, with the reason as its message.
 */
/** Binds every element with `data-sprag` below `root`; returns the function that unbinds them. */
export declare function bind(root?: ParentNode): () => void;
