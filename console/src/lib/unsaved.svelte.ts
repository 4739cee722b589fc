// Work that is not saved yet: leaving it asks.

class Unsaved {
    #dirty: (() => boolean)[] = [];
    /** The question that is being asked right now. */
    asked = $state<{ answer: (leave: boolean) => void }>();

    constructor() {
        addEventListener('beforeunload', (event) => {
            if (this.there) event.preventDefault();
        });
    }

    /** Whether anything would be lost right now. */
    get there(): boolean {
        return this.#dirty.some((dirty) => dirty());
    }

    /** Watches over a form until the returned function is called. */
    watch(dirty: () => boolean): () => void {
        this.#dirty.push(dirty);
        return () => {
            this.#dirty = this.#dirty.filter((one) => one !== dirty);
        };
    }

    /** Asks, where something would be lost, whether the page may be left. */
    async mayLeave(): Promise<boolean> {
        if (!this.there) return true;
        const leave = await new Promise<boolean>((answer) => {
            this.asked = { answer };
        });
        this.asked = undefined;
        return leave;
    }
}

export const unsaved = new Unsaved();
