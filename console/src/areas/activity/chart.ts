// Numbers over time as lines of a drawing.

export interface Point {
    date: string;
    requests: number;
    client_errors: number;
    server_errors: number;
    p50_ms: number | null;
    p95_ms: number | null;
    p99_ms: number | null;
}

export interface Metric {
    range: 'hour' | 'day';
    step_seconds: number;
    points: Point[];
    services: ({ name: string } & Omit<Point, 'date'>)[];
    /** Without a number: calls without a key. */
    apps: { app_id: number | null; app_name: string | null; requests: number; statuses: Record<string, number> }[];
}

export const RANGES = { '15m': { range: 'hour', minutes: 15 }, '1h': { range: 'hour', minutes: 60 }, '6h': { range: 'day', minutes: 360 }, '24h': { range: 'day', minutes: 1440 } } as const;
export type Range = keyof typeof RANGES;

/** The newest points of a metric that lie within a range. */
export function within(metric: Metric, range: Range): Point[] {
    return metric.points.slice(-Math.ceil((RANGES[range].minutes * 60) / metric.step_seconds));
}

/** A round number that no value is above, and the marks up to it. */
export function scale(values: (number | null)[]): { top: number; marks: number[] } {
    const most = Math.max(0, ...values.map((value) => value ?? 0));
    if (most === 0) return { top: 1, marks: [0, 1] };
    const size = 10 ** Math.floor(Math.log10(most));
    const top = [1, 2, 2.5, 5, 10].map((step) => step * size).find((step) => step >= most) ?? most;
    return { top, marks: [0, top / 2, top] };
}

/** A line through values, broken where there is none. A value between two gaps is a short stroke. */
export function line(values: (number | null)[], top: number, width: number, height: number): string {
    const step = values.length > 1 ? width / (values.length - 1) : 0;
    let path = '';
    let drawing = false;
    values.forEach((value, index) => {
        if (value === null) {
            drawing = false;
            return;
        }
        const x = round(index * step);
        const y = round(height - (value / top) * height);
        path += drawing ? `L${x} ${y}` : `M${x} ${y}${values[index + 1] === null || index === values.length - 1 ? `h1` : ''}`;
        drawing = true;
    });
    return path;
}

const round = (value: number) => Math.round(value * 10) / 10;
