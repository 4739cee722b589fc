// The tables of a service and what refers to what, as boxes and lines.

import { layout, type Edge, type Placed } from './layout';

/** `GET {service}/_spec?model=true`. */
export interface Model {
    tables: Record<string, { columns: { name: string; type: string; pk?: boolean; fk?: string; required?: boolean }[] }>;
}

export interface Column {
    name: string;
    type: string;
    key: 'primary' | 'foreign' | undefined;
}

export interface Node extends Placed {
    columns: Column[];
    /** Columns that are not shown. */
    left: number;
}

export interface Line {
    key: string;
    from: string;
    to: string;
    label: string;
    path: string;
}

export interface Diagram {
    nodes: Node[];
    lines: Line[];
    width: number;
    height: number;
}

export const HEAD = 30;
export const ROW = 20;
export const WIDTH = 220;
const COLUMNS = 12;
/** Tables that a diagram shows at once. */
export const MOST_TABLES = 80;

/** The references of all tables; the other table of `sales.orders.id` is `sales.orders`. */
export function references(model: Model): (Edge & { column: string })[] {
    return Object.entries(model.tables).flatMap(([from, { columns }]) =>
        columns.flatMap(({ name, fk }) => (fk ? [{ from, to: fk.slice(0, fk.lastIndexOf('.')), column: name }] : [])),
    );
}

/** The table and all that refer to it or that it refers to. */
export function neighbourhood(model: Model, focus: string): Set<string> {
    const found = new Set([focus]);
    for (const { from, to } of references(model)) {
        if (from === focus) found.add(to);
        if (to === focus) found.add(from);
    }
    return found;
}

/** The diagram of a model, or of one table and its neighbours. */
export function diagram(model: Model, focus?: string): Diagram {
    const chosen = focus === undefined ? undefined : neighbourhood(model, focus);
    const names = Object.keys(model.tables).filter((name) => chosen?.has(name) ?? true).slice(0, MOST_TABLES);
    const columns = new Map(names.map((name) => [name, shownColumns(model, name)]));
    const edges = references(model);
    const found = layout(
        names.map((name) => {
            const { shown, left } = columns.get(name) ?? { shown: [], left: 0 };
            return { id: name, width: WIDTH, height: HEAD + ROW * (shown.length + (left > 0 ? 1 : 0)) + 6 };
        }),
        edges,
    );
    const nodes = found.boxes.map((box): Node => ({ ...box, columns: columns.get(box.id)?.shown ?? [], left: columns.get(box.id)?.left ?? 0 }));
    const byName = new Map(nodes.map((node) => [node.id, node]));
    const lines = edges.flatMap(({ from, to, column }) => {
        const [a, b] = [byName.get(from), byName.get(to)];
        return a && b ? [{ key: `${from}.${column}`, from, to, label: `${from}.${column} → ${to}`, path: curve(a, b, column) }] : [];
    });
    return { nodes, lines, width: found.width, height: found.height };
}

/** Keys first, then the others, as far as there is room. */
function shownColumns(model: Model, table: string): { shown: Column[]; left: number } {
    const all = (model.tables[table]?.columns ?? []).map(({ name, type, pk, fk }): Column => ({ name, type, key: pk ? 'primary' : fk ? 'foreign' : undefined }));
    const sorted = [...all.filter(({ key }) => key), ...all.filter(({ key }) => !key)];
    return { shown: sorted.slice(0, COLUMNS), left: Math.max(0, sorted.length - COLUMNS) };
}

/** A line from the column of one box to the head of another. */
function curve(from: Node, to: Node, column: string): string {
    const index = Math.max(0, from.columns.findIndex(({ name }) => name === column));
    const y1 = from.y + HEAD + ROW * (index + 0.5);
    const y2 = to.y + HEAD / 2;
    if (from === to) {
        const x = from.x + from.width;
        return `M${x} ${y1} C${x + 40} ${y1} ${x + 40} ${y2} ${x} ${y2}`;
    }
    const leftwards = to.x < from.x;
    const x1 = leftwards ? from.x : from.x + from.width;
    const x2 = leftwards || to.x === from.x ? to.x + to.width : to.x;
    const bend = Math.max(40, Math.abs(x2 - x1) / 2);
    return `M${x1} ${y1} C${x1 + (leftwards ? -bend : bend)} ${y1} ${x2 + (x2 < x1 ? bend : leftwards ? bend : -bend)} ${y2} ${x2} ${y2}`;
}

const COLOURS = { page: '#ffffff', box: '#ffffff', head: '#eef0f4', border: '#858f9e', text: '#151c28', muted: '#566072', line: '#4338ca' };

function escaped(text: string): string {
    return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

/** The diagram as a file that stands for itself, in light colours. */
export function svg({ nodes, lines, width, height }: Diagram): string {
    const text = (x: number, y: number, content: string, more = '') => `<text x="${x}" y="${y}" ${more}>${escaped(content)}</text>`;
    const box = (node: Node) =>
        [
            `<rect x="${node.x}" y="${node.y}" width="${node.width}" height="${node.height}" rx="6" fill="${COLOURS.box}" stroke="${COLOURS.border}"/>`,
            `<rect x="${node.x + 1}" y="${node.y + 1}" width="${node.width - 2}" height="${HEAD - 2}" rx="5" fill="${COLOURS.head}"/>`,
            text(node.x + 10, node.y + 20, node.id, `fill="${COLOURS.text}" font-weight="600"`),
            ...node.columns.map((column, index) => {
                const y = node.y + HEAD + ROW * index + 14;
                return text(node.x + 10, y, column.name, `fill="${COLOURS.text}"${column.key ? ' font-weight="600"' : ''}`) + text(node.x + node.width - 10, y, column.type, `fill="${COLOURS.muted}" text-anchor="end"`);
            }),
            node.left > 0 ? text(node.x + 10, node.y + HEAD + ROW * node.columns.length + 14, `+ ${node.left}`, `fill="${COLOURS.muted}"`) : '',
        ].join('');
    return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif" font-size="12"><rect width="${width}" height="${height}" fill="${COLOURS.page}"/>${lines.map(({ path }) => `<path d="${path}" fill="none" stroke="${COLOURS.line}" stroke-width="1.5"/>`).join('')}${nodes.map(box).join('')}</svg>\n`;
}
