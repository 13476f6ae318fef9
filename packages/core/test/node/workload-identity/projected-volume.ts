import { mkdir, readlink, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createFolder } from './scene.ts';

/** A volume that a kubelet keeps current: the data folder is swapped by renaming a symbolic link. */
export interface ProjectedVolume {
  /** The token as a pod sees it. */
  readonly path: string;
  /** Replaces the token: new folder, link swapped in one step, old folder removed. */
  rotate(token: string): Promise<void>;
}

export async function createProjectedVolume(token: string): Promise<ProjectedVolume> {
  const mount = await createFolder();
  let generation = 0;
  const write = async (content: string): Promise<string> => {
    const folder = `..2026_11_20_15_00_${String(generation++).padStart(6, '0')}`;
    await mkdir(join(mount, folder));
    await writeFile(join(mount, folder, 'token'), content, { mode: 0o600 });
    return folder;
  };
  await symlink(await write(token), join(mount, '..data'));
  await symlink(join('..data', 'token'), join(mount, 'token'));
  return {
    path: join(mount, 'token'),
    async rotate(next) {
      const old = await readlink(join(mount, '..data'));
      await symlink(await write(next), join(mount, '..data_tmp'));
      await rename(join(mount, '..data_tmp'), join(mount, '..data'));
      await rm(join(mount, old), { recursive: true });
    },
  };
}
