// Keys that lead somewhere. Those of a single key can be switched off, as people who speak to their computer need.

import { menu } from '../lib/areas';
import { router } from '../lib/router.svelte';
import { keep, recall } from '../lib/storage';

/** Milliseconds in which the key after `g` must come. */
const PATIENCE = 1200;

class Shortcuts {
    on = $state(recall('shortcuts', true));
    #led: number | undefined;

    turn(on: boolean) {
        this.on = on;
        keep('shortcuts', on);
    }

    /** What a key means; `palette` and `help` are opened by the shell. */
    press(event: KeyboardEvent, open: { palette: () => void; help: () => void }) {
        if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k') {
            event.preventDefault();
            open.palette();
            return;
        }
        if (!this.on || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target) || document.querySelector('dialog[open]')) return;
        const led = this.#led !== undefined && event.timeStamp - this.#led < PATIENCE;
        this.#led = undefined;
        const item = led ? menu.find((one) => one.key === event.key && one.shown()) : undefined;
        if (item) {
            event.preventDefault();
            void router.go(item.href);
        } else if (event.key === 'g') {
            this.#led = event.timeStamp;
        } else if (event.key === '/') {
            event.preventDefault();
            const search = document.querySelector<HTMLElement>('main input[type=search]');
            if (search) search.focus();
            else open.palette();
        } else if (event.key === '?') {
            open.help();
        }
    }
}

function isTyping(target: EventTarget | null): boolean {
    return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
}

export const shortcuts = new Shortcuts();
