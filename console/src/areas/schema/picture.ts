// A drawing as a picture of pixels.

import { saveAs } from '../../lib/download';

const LARGEST_SIDE = 8000;

/** Saves the drawing as PNG, twice as large as it is drawn where that is not too large. */
export async function png(name: string, svg: string, width: number, height: number): Promise<void> {
    const scale = Math.min(2, LARGEST_SIDE / Math.max(width, height));
    const source = URL.createObjectURL(new Blob([svg], { type: 'image/svg+xml' }));
    try {
        const image = new Image();
        image.src = source;
        await image.decode();
        const canvas = document.createElement('canvas');
        canvas.width = Math.ceil(width * scale);
        canvas.height = Math.ceil(height * scale);
        canvas.getContext('2d')?.drawImage(image, 0, 0, canvas.width, canvas.height);
        const blob = await new Promise<Blob | null>((done) => canvas.toBlob(done, 'image/png'));
        if (blob) saveAs(name, 'image/png', [blob]);
    } finally {
        URL.revokeObjectURL(source);
    }
}
