import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir, type } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, suite, test } from 'node:test'
import { type ConfigArguments, loadConfig, type Places } from '../../server/config/load.ts'

let root: string
let places: Places

beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'cumulus-config-')))
  places = {
    workingFolder: join(root, 'work'),
    systemFolders: [join(root, 'local'), join(root, 'etc')],
    packageFolder: join(root, 'package'),
  }
  for (const folder of ['work', 'package/www']) mkdirSync(join(root, folder), { recursive: true })
  write('package/CumulusServer.ini', '[rtmp]\nport = 1935\n')
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

function write(path: string, source: string): string {
  const file = join(root, path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, source)
  return file
}
const load = (given: ConfigArguments = {}) => loadConfig(given, places)
const loadIni = (source: string, set: string[] = []) => {
  write('work/CumulusServer.ini', source)
  return load({ set })
}

suite('loadConfig()', () => {
  test('takes the first file of: --config, working folder, system folders, package', () => {
    const order = ['work/named.ini', 'work/CumulusServer.ini', 'local/CumulusServer.ini', 'etc/CumulusServer.ini']
    const files = order.map((path, index) => write(path, `[rtmp]\nport = ${index + 1}`))
    const named = load({ config: 'named.ini' })
    assert.equal(named.file, files[0])
    assert.equal(named.rtmp.port, 1)
    for (const [index, file] of files.entries()) {
      if (index === 0) continue
      const config = load()
      assert.equal(config.file, file)
      assert.equal(config.rtmp.port, index + 1)
      rmSync(file)
    }
    assert.equal(load().file, join(places.packageFolder, 'CumulusServer.ini'))
  })

  test('says so when --config leads nowhere', () => {
    assert.throws(() => load({ config: 'missing.ini' }), { code: 'CONFIG_UNREADABLE', message: /missing\.ini/ })
  })

  test('lays <data>/CumulusServer.ini over the packaged file, under the arguments', () => {
    const own = write('work/data/CumulusServer.ini', '[rtmp]\nport = 7\nbacklog = 9\n')
    const config = load({ set: ['rtmp.backlog=10'] })
    assert.equal(config.file, own)
    assert.equal(config.rtmp.port, 7)
    assert.equal(config.rtmp.backlog, 10)
  })

  test('leaves <data>/CumulusServer.ini aside when another file was found', () => {
    write('work/data/CumulusServer.ini', '[rtmp]\nport = 7\n')
    assert.equal(loadIni('').rtmp.port, 1935)
  })

  test('finds <data>/CumulusServer.ini where --data leads', () => {
    write('elsewhere/CumulusServer.ini', '[rtmp]\nport = 7\n')
    assert.equal(load({ data: '../elsewhere' }).rtmp.port, 7)
  })

  test('gives the arguments the last word, later ones over earlier ones', () => {
    write('work/CumulusServer.ini', '[rtmp]\nport = 1\n[log]\nlevel = warn\n')
    const config = load({ log: 'debug', set: ['rtmp.port=2', 'rtmp.port=3', 'log.level=error'] })
    assert.equal(config.rtmp.port, 3)
    assert.equal(config.log.level, 'debug')
  })
})

suite('folders', () => {
  test('www is the package’s until the working folder has one', () => {
    assert.equal(load().apps.www, join(places.packageFolder, 'www'))
    mkdirSync(join(places.workingFolder, 'www'))
    assert.equal(load().apps.www, join(places.workingFolder, 'www'))
  })

  test('data is ./data of the working folder (K17)', () => {
    assert.equal(load().apps.data, join(places.workingFolder, 'data'))
  })

  test('recordings are in streams of the data folder, or where a folder is named, a slash at its end or not (K13, K14, K17)', () => {
    assert.equal(load().recording.folder, join(places.workingFolder, 'data', 'streams'))
    assert.equal(load({ data: 'kept/' }).recording.folder, join(places.workingFolder, 'kept', 'streams'))
    for (const given of ['films', 'films/']) {
      assert.equal(load({ set: [`recording.folder=${given}`] }).recording.folder, join(places.workingFolder, 'films'))
    }
  })

  test('a relative folder starts beside its file, or in the working folder when it is an argument', () => {
    mkdirSync(join(root, 'etc/site'), { recursive: true })
    mkdirSync(join(root, 'work/site'))
    write('etc/CumulusServer.ini', '[apps]\nwww = site\ndata = kept\n')
    assert.equal(load().apps.www, join(root, 'etc/site'))
    assert.equal(load().apps.data, join(root, 'etc/kept'))
    assert.equal(load({ www: 'site' }).apps.www, join(root, 'work/site'))
    assert.equal(load({ set: ['apps.data=kept'] }).apps.data, join(root, 'work/kept'))
  })

  test('a www that is a symbolic link is the folder it leads to', () => {
    mkdirSync(join(root, 'work/release-7'))
    symlinkSync('release-7', join(root, 'work/www'))
    assert.equal(load().apps.www, join(root, 'work/release-7'))
    assert.equal(load({ www: 'www' }).apps.www, join(root, 'work/release-7'))
  })

  test('a www that is not there is an error that names it', () => {
    assert.throws(() => load({ www: 'nowhere' }), {
      code: 'WWW_NOT_FOUND',
      message: `--www nowhere: there is no folder ${join(root, 'work/nowhere')}`,
    })
  })
})

suite('errors', () => {
  const ini = () => join(root, 'work/CumulusServer.ini')

  test('a bad value names file, line, key, what was expected and what was found', () => {
    assert.throws(() => loadIni('\n[rtmp]\nport = abc'), {
      code: 'CONFIG_VALUE',
      message: `${ini()}:3: [rtmp] port: expected a whole number from 0 to 65535, got 'abc'`,
    })
  })

  test('an unknown key of a known section names the keys there are', () => {
    assert.throws(() => loadIni('[listener]\nqueue = 1'), {
      code: 'CONFIG_UNKNOWN_KEY',
      message: `${ini()}:2: [listener] has no key 'queue'`,
      remedy: /queueBytes, queueMs, lagMs, mergeMs/,
    })
  })

  test('a key of ours before the first section is told where it belongs', () => {
    assert.throws(() => loadIni('backlog = 5'), {
      code: 'CONFIG_UNKNOWN_KEY',
      message: `${ini()}:1: 'backlog' stands before any section`,
      remedy: /\[rtmp\]/,
    })
  })

  test('a bad value in the section of an application is found at start', () => {
    assert.throws(() => loadIni('[app:/x]\nmemory = much'), {
      message: /:2: \[app:\/x\] memory: expected a whole number/,
    })
    assert.throws(() => loadIni('[app:/x]\nenabled = maybe'), {
      message: /:2: \[app:\/x\] enabled: expected true or false/,
    })
  })

  test('a section of an application wants the path with its slash', () => {
    assert.throws(() => loadIni('[app:chat]\nmemory = 64'), { code: 'CONFIG_SYNTAX', message: /:2: \[app:chat\]/ })
  })

  test('keepAliveTimeout must exceed pingInterval, whichever of the two was written', () => {
    assert.throws(() => loadIni('[rtmp]\nkeepAliveTimeout = 10'), {
      message: `${ini()}:2: [rtmp] keepAliveTimeout: expected more than pingInterval (10), got '10'`,
    })
    assert.throws(() => loadIni('[rtmp]\n\npingInterval = 30'), {
      message: `${ini()}:3: [rtmp] keepAliveTimeout: expected more than pingInterval (30), got '30'`,
    })
  })

  test('pendingBytes must hold a whole message', () => {
    assert.throws(() => loadIni('', ['rtmp.pendingBytes=1 MiB']), {
      message: `--set rtmp.pendingBytes=1 MiB: [rtmp] pendingBytes: expected at least messageBytes (16777215), got '1 MiB'`,
    })
    assert.equal(loadIni('', ['rtmp.pendingBytes=1 MiB', 'rtmp.messageBytes=1 MiB']).rtmp.pendingBytes, 1024 ** 2)
  })

  for (const argument of ['rtmp', 'port=1', '.port=1', 'rtmp.=1', 'rtmp=1.5', '=1']) {
    test(`refuses --set ${argument}`, () => {
      assert.throws(() => load({ set: [argument] }), {
        code: 'CONFIG_SYNTAX',
        message: `--set ${argument}: expected SECTION.KEY=VALUE, as in --set rtmp.port=1936`,
      })
    })
  }

  test('errors of an argument name the argument', () => {
    assert.throws(() => load({ set: ['rtmp.port=99999'] }), {
      message: /^--set rtmp\.port=99999: \[rtmp\] port: expected/,
    })
    assert.throws(() => load({ log: 'loud' }), { message: /^--log loud: \[log\] level: expected one of fatal/ })
  })
})

suite('applications', () => {
  test('an application has the defaults of [apps] overlaid by its own section (F48)', () => {
    const config = loadIni('[apps]\nmemory = 64\ntimers = 5\nallow = mail\n[app:/chat]\nmemory = 32\n')
    assert.deepEqual(config.app('/chat'), {
      enabled: true,
      allow: [{ kind: 'mail' }],
      memory: 32,
      timeout: 500,
      verdictTimeout: 5000,
      timers: 5,
      pendingCalls: 1000,
      rollback: 3,
      sockets: 256,
      socketBytes: 1024 ** 2,
      fetchTimeout: 30_000,
      fetchBytes: 8 * 1024 ** 2,
      journal: false,
      journalBytes: 64 * 1024 ** 2,
      storage: 64 * 1024 ** 2,
      record: 'off',
      recordSegment: 0,
      instances: 32,
      instanceIdle: 600_000,
      options: { memory: '32' },
    })
    assert.equal(config.app('/other').memory, 64)
    assert.deepEqual(config.app('/other').options, {})
  })

  test('a wrong word of allow is named with its file and line', () => {
    assert.throws(() => loadIni('[app:/chat]\nallow = mail, fetsh:example.com\n'), {
      message: /:2: \[app:\/chat\] allow: expected words like .*, but 'fetsh:example\.com' is none of fetch/,
    })
  })

  test('the root application is [app:/], and a slash at the end changes nothing', () => {
    const config = loadIni('[app:/]\nmemory = 16\n[app:/chat/]\nmemory = 32\n')
    assert.equal(config.app('').memory, 16)
    assert.equal(config.app('/chat').memory, 32)
    assert.equal(config.app('/chat/kid').memory, 128)
  })

  test('options are texts, except true and false (F51)', () => {
    const { options } = loadIni(
      '[app:/x]\nword = hello\nopen = true\nshut = false\ncount = 3\nflag\nenabled = true',
    ).app('/x')
    assert.deepEqual(options, { word: 'hello', open: true, shut: false, count: '3', flag: true, enabled: true })
  })

  test('--set reaches a section whose path has dots', () => {
    assert.deepEqual(load({ set: ['app:/a.b.color=a=b'] }).app('/a.b').options, { color: 'a=b' })
  })

  test('apps.enabled = listed leaves only those that say so (F49)', () => {
    const config = loadIni('[apps]\nenabled = listed\n[app:/yes]\nenabled = true\n[app:/no]\nmemory = 32\n')
    assert.deepEqual(
      ['/yes', '/no', '/other', ''].map(path => config.app(path).enabled),
      [true, false, false, false],
    )
    assert.equal(loadIni('[app:/no]\nenabled = false').app('/no').enabled, false)
  })
})

suite('visible()', () => {
  const visible = (source: string) => loadIni(source).visible() as Record<string, Record<string, unknown>>

  test('shows what the server knows as texts, written or not', () => {
    const configs = visible('[rtmp]\nport = 1936\n')
    assert.equal(configs.rtmp?.port, '1936')
    assert.equal(configs.rtmp?.handshakeTimeout, '10')
    assert.equal(configs.apps?.www, join(places.packageFolder, 'www'))
    assert.equal(configs.rtmp?.rtmpt, false, 'true and false are no texts, written or not')
  })

  test('tells of the program and its machine, to which a section of that name adds (C8)', () => {
    const { application, system } = visible('[application]\nmotto = on air\n')
    assert.equal(application?.path, process.argv[1])
    assert.equal(application?.baseName, 'load.test')
    assert.equal(application?.motto, 'on air')
    assert.equal(system?.osName, type())
  })

  test('shows sections of one’s own, nested at their dots, and keys before any section', () => {
    const configs = visible('title = x\n[game]\nrounds = 3\nopen = true\n[game.board]\nwidth = 8\n')
    assert.equal(configs.title, 'x')
    assert.deepEqual(configs.game, { rounds: '3', open: true, board: { width: '8' } })
  })

  test('leaves out secrets and every application’s section', () => {
    const configs = visible(
      '[shop]\napiKey = 1\nPassword = 2\ntokenOfAda = 3\nclientSecret = 4\nkeyboard = 5\n[app:/x]\nword = 6\n',
    )
    assert.deepEqual(configs.shop, { keyboard: '5' })
    assert.deepEqual(
      Object.keys(configs).filter(name => name.startsWith('app')),
      ['application', 'apps'],
    )
  })

  test('lists the sections it does not know', () => {
    assert.deepEqual(loadIni('[game]\na = 1\n[rtmp]\nport = 1\n[app:/x]\nb = 1\n').freeSections, ['game'])
  })

  test('a section named like a member of every object stays a plain section', () => {
    const configs = loadIni('[constructor]\na = 1\n', ['__proto__.polluted=yes', 'x.__proto__.polluted=yes']).visible()
    assert.deepEqual(configs.constructor, { a: '1' })
    assert.equal(({} as Record<string, unknown>).polluted, undefined)
  })
})
