// Boxes in columns so that references point to the left: a small layered layout, the same for the same graph.

export interface Box {
    id: string;
    width: number;
    height: number;
}

export interface Edge {
    from: string;
    to: string;
}

export interface Placed extends Box {
    x: number;
    y: number;
}

export interface Layout {
    boxes: Placed[];
    width: number;
    height: number;
}

const GAP_X = 90;
const GAP_Y = 28;
const MARGIN = 20;
/** Boxes of one column; more go to a column beside it. */
const HIGHEST = 1600;
const SWEEPS = 6;

/** Where every box stands. Edges to boxes that are not there, and to itself, are left out. */
export function layout(boxes: Box[], edges: Edge[]): Layout {
    const known = new Map(boxes.map((box) => [box.id, box]));
    const real = edges.filter(({ from, to }) => from !== to && known.has(from) && known.has(to));
    const linked = new Set(real.flatMap(({ from, to }) => [from, to]));
    const layers = ordered(layersOf([...linked].sort(), withoutCircles(real)), real);
    const alone = boxes.filter(({ id }) => !linked.has(id)).map(({ id }) => id).sort();
    const columns = [...layers, ...(alone.length > 0 ? [alone] : [])].flatMap((layer) => split(layer, known));
    return placed(columns, known);
}

/** The edges without those that lead back to where a walk came from. */
function withoutCircles(edges: Edge[]): Edge[] {
    const next = new Map<string, string[]>();
    for (const { from, to } of edges) next.set(from, [...(next.get(from) ?? []), to]);
    const done = new Set<string>();
    const walking = new Set<string>();
    const kept: Edge[] = [];
    const walk = (id: string) => {
        walking.add(id);
        for (const to of next.get(id) ?? []) {
            if (walking.has(to)) continue;
            kept.push({ from: id, to });
            if (!done.has(to)) walk(to);
        }
        walking.delete(id);
        done.add(id);
    };
    for (const id of [...next.keys()].sort()) if (!done.has(id)) walk(id);
    return kept;
}

/** Boxes by how many references they are away from one that refers to none. */
function layersOf(ids: string[], edges: Edge[]): string[][] {
    const targets = new Map<string, string[]>();
    for (const { from, to } of edges) targets.set(from, [...(targets.get(from) ?? []), to]);
    const depth = new Map<string, number>();
    const measure = (id: string): number => {
        const known = depth.get(id);
        if (known !== undefined) return known;
        const deep = Math.max(-1, ...(targets.get(id) ?? []).map(measure)) + 1;
        depth.set(id, deep);
        return deep;
    };
    const layers: string[][] = [];
    for (const id of ids) (layers[measure(id)] ??= []).push(id);
    return layers;
}

/** Every layer in the order of what its boxes are linked to, so that few lines cross. */
function ordered(layers: string[][], edges: Edge[]): string[][] {
    const neighbours = new Map<string, string[]>();
    for (const { from, to } of edges) {
        neighbours.set(from, [...(neighbours.get(from) ?? []), to]);
        neighbours.set(to, [...(neighbours.get(to) ?? []), from]);
    }
    const now = [...layers];
    const place = new Map<string, number>();
    const put = (layer: string[]) => layer.forEach((id, index) => place.set(id, (index + 0.5) / layer.length));
    now.forEach(put);
    const middle = (id: string) => {
        const near = (neighbours.get(id) ?? []).map((one) => place.get(one) ?? 0);
        return near.length === 0 ? (place.get(id) ?? 0) : near.reduce((sum, one) => sum + one, 0) / near.length;
    };
    // One layer after the other, to and fro: all at once would swap back and forth.
    for (let sweep = 0; sweep < SWEEPS; sweep++) {
        const order = now.map((_, index) => (sweep % 2 === 0 ? index : now.length - 1 - index));
        for (const index of order) {
            const layer = now[index] ?? [];
            const middles = new Map(layer.map((id) => [id, middle(id)]));
            now[index] = [...layer].sort((a, b) => (middles.get(a) ?? 0) - (middles.get(b) ?? 0) || a.localeCompare(b));
            put(now[index]);
        }
    }
    return now;
}

function split(layer: string[], known: Map<string, Box>): string[][] {
    const columns: string[][] = [[]];
    let height = 0;
    for (const id of layer) {
        const own = (known.get(id)?.height ?? 0) + GAP_Y;
        if (height > 0 && height + own > HIGHEST) {
            columns.push([]);
            height = 0;
        }
        columns.at(-1)?.push(id);
        height += own;
    }
    return columns;
}

function placed(columns: string[][], known: Map<string, Box>): Layout {
    const sizes = columns.map((column) => {
        const boxes = column.flatMap((id) => known.get(id) ?? []);
        return { boxes, width: Math.max(0, ...boxes.map((box) => box.width)), height: boxes.reduce((sum, box) => sum + box.height + GAP_Y, -GAP_Y) };
    });
    const height = Math.max(0, ...sizes.map((size) => size.height));
    const found: Placed[] = [];
    let x = MARGIN;
    for (const { boxes, width, height: own } of sizes) {
        let y = MARGIN + (height - own) / 2;
        for (const box of boxes) {
            found.push({ ...box, x, y });
            y += box.height + GAP_Y;
        }
        x += width + GAP_X;
    }
    return { boxes: found, width: Math.max(0, x - GAP_X) + MARGIN, height: height + 2 * MARGIN };
}
