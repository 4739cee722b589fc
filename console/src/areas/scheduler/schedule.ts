// When a task runs, as the server reckons it: at the minutes of the hour that are multiples of its frequency, in UTC; of
// more than 59 at the full hour (docs/scheduler.md).

/** The next times at which a task of this frequency runs, after `now`. */
export function nextRuns(frequency: number, now: Date, count = 3): Date[] {
    if (!Number.isInteger(frequency) || frequency < 1) return [];
    const runs: Date[] = [];
    const minute = new Date(now);
    minute.setUTCSeconds(0, 0);
    while (runs.length < count) {
        minute.setUTCMinutes(minute.getUTCMinutes() + 1);
        if (minute.getUTCMinutes() % frequency === 0) runs.push(new Date(minute));
    }
    return runs;
}

/** What is wrong with a text that must be JSON or empty. */
export function jsonProblem(text: string | null): string | undefined {
    if (text === null || text.trim() === '') return undefined;
    try {
        JSON.parse(text);
        return undefined;
    } catch (problem) {
        return problem instanceof Error ? problem.message : String(problem);
    }
}

export const VERBS = [
    { mask: 1, verb: 'GET' },
    { mask: 2, verb: 'POST' },
    { mask: 4, verb: 'PUT' },
    { mask: 8, verb: 'PATCH' },
    { mask: 16, verb: 'DELETE' },
] as const;

export interface Task {
    id: number;
    name: string;
    description: string | null;
    is_active: boolean;
    service_id: number;
    component: string | null;
    verb_mask: number;
    verb: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
    frequency: number;
    payload: string | null;
    app_id: number | null;
    user_id: number | null;
    last_modified_date: string;
    service_by_service_id?: { id: number; name: string } | null;
    task_log_by_task_id?: { status_code: number; content: string; last_modified_date: string } | null;
}
