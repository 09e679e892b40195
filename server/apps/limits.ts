/** What we chose for applications: each bound with its unit and reason. What the operator sets stands in config. */

/** Longest path of a URL that is looked up, in characters. */
export const pathCharsMax = 1024

// -------------------------------------------------------------------------------------- the host process

/**
 * Back-off of a host that ended by itself: the first restart after `first` ms, each next one after twice as long, at
 * most `most`; a host that lived for `calm` ms starts from the beginning.
 */
export const backoff = { first: 100, most: 10_000, calm: 30_000 } as const

/** Milliseconds from the order to raise an application (or its new version) to its answer; then the host is replaced. */
export const raiseMs = 20_000

/** For so many milliseconds a new version is on trial, here as in the host (TRIAL_MS): should its process end, the one before is raised. */
export const trialMs = 10_000

/** Milliseconds after a reload in which the memory of the old version may still be there: V8 keeps its pages for eight seconds. */
export const reloadAllowanceMs = 10_000

/**
 * A host that was sent something is asked for a sign of life every so many ms, and is replaced when none came by so many
 * looks as far apart.
 */
export const heartbeat = { every: 1_000, misses: 5 } as const

/** Milliseconds a host may take to end after it was told to. */
export const endMs = 1_000

/** Messages to a host that the system has not taken yet; more means that nobody reads at the other end. */
export const unsentOrdersMax = 10_000

/** Characters kept of what a host writes to its standard error, for the log line of its end. */
export const lastWordsChars = 2_000

/** Added to the niceness of hosts: when processors are short, frames come before scripts. */
export const hostNiceness = 5

/**
 * Resident megabytes of a host, as the second line behind the host's own watchdog: an idle host measures `base`, each
 * application may hold its apps.memory, and `margin` is for what is not a script's: messages on their way, the
 * engine's own bookkeeping, garbage between two collections.
 */
export const hostMemory = { base: 110, margin: 96 } as const

/** Megabytes that a host may take beside all that once a debugger has looked at one of its applications: a snapshot of a
 * heap is many times as large as the heap, and the system does not get everything back. */
export const inspectedMemory = 2_048

/**
 * Milliseconds between two looks at a host's memory: while a script may run, and while it rests. It may run for `busyFor`
 * ms after something was sent to it, and after each look that found it with `busyShare` of a processor.
 */
export const vitalsSample = { busy: 20, calm: 200, busyFor: 60, busyShare: 0.25 } as const

// ------------------------------------------------------------------------------------ questions and events

/** Addresses and ranges one application may keep out; more are not taken, which the log says. */
export const bansMax = 10_000

/** Attempts of one address at one path are counted for so many ms from its first. */
export const attemptsMs = 10_000

/** Addresses and paths whose attempts are counted; the oldest is forgotten for a new one. */
export const attemptsMax = 10_000

/**
 * Questions to one application that wait for it to start or to come back, and likewise those it was asked and has not
 * answered: more are refused at once.
 */
export const questionsMax = 10_000

/**
 * Bytes in questions that an application was asked and has not answered (arguments of calls): they are in the memory of
 * its host, more than once, and must not be what brings it to its limit.
 */
export const questionBytesMax = 8 * 1024 * 1024

/** Milliseconds beyond apps.verdictTimeout in which the application may still say itself that it was exceeded. */
export const verdictGraceMs = 500

/** Packets shown to one application and not yet answered; more are dropped and counted. */
export const packetsOutstanding = { count: 2_000, bytes: 8 * 1024 * 1024 } as const

/** Memberships in the groups of one application; whoever is added beyond that is not, and the log says so. */
export const groupMembersMax = 100_000

/**
 * Bytes of the fields that scripts may have on what is in one application; they are in the memory of the server itself.
 * What is written beyond stays in the application that wrote it, and the log says so.
 */
export const fieldBytesMax = 16 * 1024 * 1024

/** Milliseconds between two rounds of onManage and of the figures in the mirrors (CumulusServer's rhythm). */
export const manageMs = 2_000

/** Clients, publications or listeners whose figures are gathered in one turn of the loop. */
export const figuresPerTurn = 500

/** Milliseconds all of onStop may take when the server ends. */
export const stopMs = 2_000

// ------------------------------------------------------------------------------------ commands of a script

/** Milliseconds of one turn of the loop that commands of scripts may take; the rest waits for the next turn. */
export const commandsMs = 2

/** Commands of one application that wait to be carried out; past that its host is replaced. */
export const waitingCommandsMax = 200_000

/** Commands for a client whose verdict is out: they are carried out after its Success; more are dropped. */
export const heldCommandsMax = 1_000

/** Lines a script may log within a second; the rest is counted. */
export const logLinesPerSecond = 1_000

/** How often the same fault is logged within a second; the rest is counted. */
export const sameFaultPerSecond = 5

/** Characters of one log line or fault of a script. */
export const logChars = 8_192

/** Characters of a refusal or an error that a client reads. */
export const refusalChars = 4_096

// ---------------------------------------------------------------------------------------- shared objects

/**
 * Bytes of shared objects that are told to an application at once; it has heard them before it is told more. What
 * changes meanwhile is told in its latest state.
 */
export const sharedToldBytes = 1024 * 1024

/** Messages to shared objects that wait to be told to an application, and bytes in them; more are dropped and counted. */
export const sharedMessages = { count: 2_000, bytes: 4 * 1024 * 1024 } as const

// ------------------------------------------------------------------------------------ streams of the server's

/** Streams that one application has the server play at once, and entries of a playlist that wait. */
export const playlistsMax = 256
export const playlistItemsMax = 1_000

/** Milliseconds a recording is read ahead of what is due in a playlist: players have buffers of their own. */
export const playlistBufferMs = 100

/** Milliseconds between the last frame of one entry and the first of the next, about one picture. */
export const playlistGapMs = 40

/** Connections that one application may have to other servers (NetConnection). */
export const netConnectionsMax = 100

/** Bytes of the shared objects at other servers that one application sees. */
export const netSharedBytes = 16 * 1024 * 1024
