import { type Recipe, recipe } from '../recipe.ts'
import { shimmed, shimmedCalls } from './build.ts'

const fields = [
  'GET_YEAR',
  'GET_MONTH',
  'GET_DAY',
  'DATE_GET_HOUR',
  'DATE_GET_MINUTE',
  'DATE_GET_SECOND',
  'DATE_GET_MICROSECOND',
  'DATE_GET_FOLD',
  'TIME_GET_HOUR',
  'TIME_GET_MINUTE',
  'TIME_GET_SECOND',
  'TIME_GET_MICROSECOND',
  'TIME_GET_FOLD',
  'DELTA_GET_DAYS',
  'DELTA_GET_SECONDS',
  'DELTA_GET_MICROSECONDS',
]

/** Everything of datetime.h. */
export const datetime: readonly Recipe[] = [
  ...['Date', 'DateTime', 'Time', 'Delta', 'TZInfo'].map((type) =>
    recipe(`PyDateTimeAPI->${type}Type`, `PepDateTime_${type}Type()`),
  ),
  ...[
    'Date_FromDate',
    'DateTime_FromDateAndTime',
    'DateTime_FromDateAndTimeAndFold',
    'Time_FromTime',
    'Time_FromTimeAndFold',
    'Delta_FromDelta',
    'DateTime_FromTimestamp',
    'Date_FromTimestamp',
  ].map((maker) => recipe(`PyDateTimeAPI->${maker}`, `PepDateTimeAPI_${maker}`)),
  recipe('PyDateTimeAPI->TimeZone_FromTimeZone', 'PepTimeZone_FromOffsetAndName'),
  recipe('PyDateTimeAPI->TimeZone_UTC', 'PepDateTime_TimeZone_UTC'),
  recipe('PyDateTimeAPI', 'PepDateTimeAPI', 'it is not NULL before the import, which it does by itself', {
    whole: true,
    asked: true,
  }),
  recipe('PyDateTime_IMPORT', 'PepDateTime_IMPORT()', '', { statement: true }),
  ...shimmedCalls(
    ...['PyDate', 'PyDateTime', 'PyTime', 'PyDelta', 'PyTZInfo'].flatMap((type) => [
      `${type}_Check`,
      `${type}_CheckExact`,
    ]),
  ),
  ...fields.map((field) => recipe(`PyDateTime_${field}(o)`, `PepDateTime_${field}((PyObject *)o)`)),
  ...['days', 'seconds', 'microseconds'].map((field) =>
    recipe(`PyDateTime_Delta.${field}`, `PepDateTime_DELTA_GET_${field.toUpperCase()}((PyObject *)it)`),
  ),
  ...['PyDateTime_DateTime', 'PyDateTime_Time'].flatMap((struct) => {
    const zone = `PyDateTime_${struct === 'PyDateTime_Time' ? 'TIME' : 'DATE'}_GET_TZINFO((PyObject *)it)`
    return [
      recipe(`${struct}.tzinfo`, `Pep${zone.slice(2)}`),
      recipe(`${struct}.hastzinfo`, `(Pep${zone.slice(2)} != Py_None)`),
    ]
  }),
  ...shimmedCalls('PyDateTime_DATE_GET_TZINFO', 'PyDateTime_TIME_GET_TZINFO'),
  ...shimmed(
    'PyDate_FromDate',
    'PyDateTime_FromDateAndTime',
    'PyDateTime_FromDateAndTimeAndFold',
    'PyTime_FromTime',
    'PyTime_FromTimeAndFold',
    'PyDelta_FromDSU',
    'PyTimeZone_FromOffset',
    'PyTimeZone_FromOffsetAndName',
    'PyDate_FromTimestamp',
    'PyDateTime_FromTimestamp',
    'PyDateTime_TimeZone_UTC',
  ),
]
