// The areas of the console. Each is a folder under `src/areas` whose `area.ts` says what it adds.

import type { Route } from './match';

/** The groups of the menu, in their order. */
export type Group = 'build' | 'secure' | 'observe' | 'settings';

export interface MenuItem {
    group: Group;
    /** Place in the group, smallest first. */
    order: number;
    label: () => string;
    href: string;
    /** For tests: `nav-…`. */
    id: string;
    /** Whether it is shown: the resource is offered and granted. */
    shown: () => boolean;
    /** After `g`, the key that leads there. */
    key?: string;
}

export interface Command {
    label: () => string;
    run: () => void | Promise<void>;
    shown?: () => boolean;
}

/** What the palette finds in an area for a text. At most five. */
export interface Finder {
    label: () => string;
    shown: () => boolean;
    find: (text: string, signal: AbortSignal) => Promise<{ label: string; detail?: string; href: string }[]>;
}

export interface Area {
    routes: Route[];
    menu?: MenuItem[];
    commands?: Command[];
    finders?: Finder[];
}

const found = import.meta.glob<{ area: Area }>('../areas/*/area.ts', { eager: true });

export const areas: Area[] = Object.values(found).map(({ area }) => area);
export const routes: Route[] = areas.flatMap((area) => area.routes);
export const menu: MenuItem[] = areas.flatMap((area) => area.menu ?? []).sort((a, b) => a.order - b.order);
