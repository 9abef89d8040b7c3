// Removes everything the builds write.
import { rm } from 'node:fs/promises';

for (const path of ['lib', '../jupyter_tune/static', '../jupyter_tune/labextension']) {
  await rm(new URL(path, import.meta.url), { recursive: true, force: true });
}
