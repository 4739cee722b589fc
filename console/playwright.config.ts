import { defineConfig } from '@playwright/test';

// Real browsers against the real program: each worker starts one of its own (see e2e/instance.ts).
export default defineConfig({
    testDir: 'e2e',
    outputDir: 'artefacts/results',
    fullyParallel: true,
    workers: 2,
    // A busy machine can be slower than the waits allow. What passes only then is listed as flaky.
    retries: 1,
    timeout: 120_000,
    expect: { timeout: 15_000 },
    reporter: [['list']],
    use: {
        viewport: { width: 1280, height: 900 },
        actionTimeout: 15_000,
        trace: 'retain-on-failure',
        testIdAttribute: 'data-testid',
        launchOptions: {
            executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
            args: [
                '--no-sandbox',
                '--disable-gpu',
                '--disable-quic',
                '--no-first-run',
                '--disable-background-networking',
                '--disable-component-update',
                '--disable-sync',
            ],
        },
    },
});
