/**
 * A study's file, opened from the file browser or the panel: its dashboard, read by the server, with no kernel and nothing
 * to change. While a driver runs the study the dashboard follows it.
 */
import type { JupyterFrontEndPlugin } from '@jupyterlab/application';
import {
  ABCWidgetFactory,
  DocumentModel,
  DocumentWidget,
  type DocumentRegistry,
  type IDocumentWidget
} from '@jupyterlab/docregistry';
import { Widget } from '@lumino/widgets';
import { studyIcon } from '../icon';
import { DASHBOARD_FACTORY } from '../served/opener';
import { IServedStudies, type ServedStudies } from '../served/plugin';

const FILE_TYPE = 'jupyter-tune-study';
const MODEL = 'jupyter-tune-study';

/** A document whose content Lab does not load: the server reads it, and a long study's file is large. */
class UnreadModelFactory implements DocumentRegistry.IModelFactory<DocumentRegistry.IModel> {
  readonly name = MODEL;
  readonly contentType = 'file';
  // null: no content
  readonly fileFormat = null as unknown as DocumentRegistry.IModelFactory<DocumentRegistry.IModel>['fileFormat'];
  readonly collaborative = false;
  isDisposed = false;

  dispose(): void {
    this.isDisposed = true;
  }

  createNew(): DocumentRegistry.IModel {
    return new DocumentModel();
  }

  preferredLanguage(): string {
    return '';
  }
}

class StudyFile extends Widget {
  private unmount: () => void = () => undefined;

  constructor(context: DocumentRegistry.Context, { studies }: ServedStudies) {
    super();
    this.addClass('jt-study-file');
    void context.ready.then(async () => {
      const { mountStudyFile } = await import('./study_file');
      if (!this.isDisposed) this.unmount = mountStudyFile(this.node, context.localPath, studies);
    });
  }

  override dispose(): void {
    this.unmount();
    super.dispose();
  }
}

class StudyFileFactory extends ABCWidgetFactory<IDocumentWidget> {
  constructor(
    options: DocumentRegistry.IWidgetFactoryOptions,
    private readonly served: ServedStudies
  ) {
    super(options);
  }

  protected createNewWidget(context: DocumentRegistry.Context): IDocumentWidget {
    const widget = new DocumentWidget({ content: new StudyFile(context, this.served), context });
    widget.title.icon = studyIcon;
    return widget;
  }
}

export const studyFiles: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-tune:study-files',
  description: 'Opens a study’s file as its dashboard.',
  autoStart: true,
  requires: [IServedStudies],
  activate: ({ docRegistry }, served: ServedStudies) => {
    docRegistry.addFileType({
      name: FILE_TYPE,
      displayName: 'Hyperparameter study',
      extensions: ['.tune.db'],
      contentType: 'file',
      fileFormat: 'base64',
      icon: studyIcon
    });
    docRegistry.addModelFactory(new UnreadModelFactory());
    const factory = new StudyFileFactory(
      {
        name: DASHBOARD_FACTORY,
        label: 'Study',
        modelName: MODEL,
        fileTypes: [FILE_TYPE],
        defaultFor: [FILE_TYPE],
        readOnly: true
      },
      served
    );
    // Lab's own types differ where undefined is not the same as missing
    docRegistry.addWidgetFactory(factory as unknown as DocumentRegistry.WidgetFactory);
  }
};
