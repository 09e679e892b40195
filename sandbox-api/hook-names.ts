/** The top-level functions of a main module that the server calls. */
export const hookNames = [
  'onStart',
  'onStop',
  'onManage',
  'onConnection',
  'onConnectionAccepted',
  'onConnectionRejected',
  'onAdopt',
  'onDisconnection',
  'onFailed',
  'onRoomCreate',
  'onRoomEnter',
  'onRoomLeave',
  'onRoomDestroy',
  'onPublish',
  'onPublishConflict',
  'onUnpublish',
  'onSubscribe',
  'onUnsubscribe',
  'onAudioPacket',
  'onVideoPacket',
  'onDataPacket',
  'onCall',
] as const

export type HookName = (typeof hookNames)[number]
