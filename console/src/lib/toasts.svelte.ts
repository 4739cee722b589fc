// Short notices. They never carry the only copy of anything.

export interface Toast {
    id: number;
    kind: 'success' | 'error' | 'info';
    text: string;
    /** Something that can be done about it, such as undoing. */
    action?: { label: string; run: () => void };
}

const SHOWN_MS = 6000;

class Toasts {
    list = $state<Toast[]>([]);
    #next = 1;
    #timers = new Map<number, ReturnType<typeof setTimeout>>();

    show(kind: Toast['kind'], text: string, action?: Toast['action']) {
        const id = this.#next++;
        this.list.push(action ? { id, kind, text, action } : { id, kind, text });
        this.resume(id);
    }

    success(text: string, action?: Toast['action']) {
        this.show('success', text, action);
    }

    error(text: string) {
        this.show('error', text);
    }

    dismiss(id: number) {
        this.pause(id);
        this.list = this.list.filter((toast) => toast.id !== id);
    }

    /** A notice under the pointer or the focus stays. */
    pause(id: number) {
        clearTimeout(this.#timers.get(id));
        this.#timers.delete(id);
    }

    resume(id: number) {
        this.pause(id);
        this.#timers.set(
            id,
            setTimeout(() => this.dismiss(id), SHOWN_MS),
        );
    }
}

export const toasts = new Toasts();
