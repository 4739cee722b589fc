// Whether the page is still loading or saving, for tests and assistive technology: `data-ready` and `data-busy` on the
// root element.

let loading = 0;
let saving = 0;

function show() {
    const root = document.documentElement.dataset;
    root.ready = String(loading === 0);
    if (saving > 0) root.busy = 'true';
    else delete root.busy;
}

/** Counts a load until its promise is settled. */
export async function whileLoading<T>(promise: Promise<T>): Promise<T> {
    loading += 1;
    show();
    try {
        return await promise;
    } finally {
        // What was loaded is drawn first.
        setTimeout(() => {
            loading -= 1;
            show();
        }, 0);
    }
}

/** Counts a save until its promise is settled. */
export async function whileSaving<T>(promise: Promise<T>): Promise<T> {
    saving += 1;
    show();
    try {
        return await promise;
    } finally {
        saving -= 1;
        show();
    }
}
