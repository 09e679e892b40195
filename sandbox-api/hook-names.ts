/** The top-level functions of a main module that the server calls. */
export const hookNames = [
  'onStart',
  'onStop',
  'onManage',
  'onHandshake',
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
  'onRecorded',
  'onCreateStream',
  'onPause',
  'onSeek',
  'onAudioPacket',
  'onVideoPacket',
  'onDataPacket',
  'onCall',
  'onJoinGroup',
  'onUnjoinGroup',
  'onTypedObject',
  'onStatus',
] as const

export type HookName = (typeof hookNames)[number]

/** What a hook is called on Adobe's `application`. */
export const adobesHandlers: Partial<Record<HookName, string>> = {
  onStart: 'onAppStart',
  onStop: 'onAppStop',
  onConnection: 'onConnect',
  onConnectionAccepted: 'onConnectAccept',
  onConnectionRejected: 'onConnectReject',
  onDisconnection: 'onDisconnect',
  onPublish: 'onPublish',
  onUnpublish: 'onUnpublish',
  onStatus: 'onStatus',
}
