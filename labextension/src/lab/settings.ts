/** The settings of the extension's plugins. */
import type { ISettingRegistry } from '@jupyterlab/settingregistry';

/**
 * Calls `adopt` with the settings of the plugin `id`, once they are read and after each change. Without a registry, and
 * where they cannot be read, it is never called: the defaults of the plugin are those of its schema.
 */
export function followSettings(
  registry: ISettingRegistry | null,
  id: string,
  adopt: (settings: ISettingRegistry.ISettings) => void
): void {
  void registry?.load(id).then(
    settings => {
      settings.changed.connect(adopt);
      adopt(settings);
    },
    (error: unknown) => {
      console.warn(`${id}: the settings cannot be read`, error);
    }
  );
}
