import type { Rule } from '../analyzer/check/rule.ts'
import { absoluteMemberOffset } from './absolute-member-offset.ts'
import { accessorMacroLvalue } from './accessor-macro-lvalue.ts'
import { accidentalConstructor } from './accidental-constructor.ts'
import { accidentalPickling } from './accidental-pickling.ts'
import { assignedMetaclass } from './assigned-metaclass.ts'
import { attributeLoopAccess } from './attribute-loop-access.ts'
import { baseDeallocChain } from './base-dealloc-chain.ts'
import { blanketSuppression } from './blanket-suppression.ts'
import { borrowedReferenceApi } from './borrowed-reference-api.ts'
import { borrowedStateMember } from './borrowed-state-member.ts'
import { bufferInObjectMemory } from './buffer-in-object-memory.ts'
import { cachedCapsulePointer } from './cached-capsule-pointer.ts'
import { capsuleImportOfSubmodule } from './capsule-import-of-submodule.ts'
import { conflictingBaseLayout } from './conflicting-base-layout.ts'
import { conflictingDeclaration } from './conflicting-declaration.ts'
import { constSlotData } from './const-slot-data.ts'
import { debugBuildGuard } from './debug-build-guard.ts'
import { directInstanceFree } from './direct-instance-free.ts'
import { directSlotCall } from './direct-slot-call.ts'
import { duplicateModuleSlot } from './duplicate-module-slot.ts'
import { earlyApiInExportHook } from './early-api-in-export-hook.ts'
import { earlyLimitedApiTest } from './early-limited-api-test.ts'
import { errorSwallowingLookup } from './error-swallowing-lookup.ts'
import { execWritesGlobal } from './exec-writes-global.ts'
import { faultyShim } from './faulty-shim.ts'
import { findModuleState } from './find-module-state.ts'
import { floatingLimitedApiLevel } from './floating-limited-api-level.ts'
import { gcTypeWithoutClear } from './gc-type-without-clear.ts'
import { gcTypeWithoutTraverse } from './gc-type-without-traverse.ts'
import { generatedSource } from './generated-source.ts'
import { gilDisabledGuard } from './gil-disabled-guard.ts'
import { handDeclaredApi } from './hand-declared-api.ts'
import { hashLengthFormat } from './hash-length-format.ts'
import { hashLostByRichcompare } from './hash-lost-by-richcompare.ts'
import { immutableTypeMutableBase } from './immutable-type-mutable-base.ts'
import { implicitLimitedApiLevel } from './implicit-limited-api-level.ts'
import { impureTraverse } from './impure-traverse.ts'
import { incompleteStateTraverse } from './incomplete-state-traverse.ts'
import { incompleteVectorcallType } from './incomplete-vectorcall-type.ts'
import { indexedCapsuleMacro } from './indexed-capsule-macro.ts'
import { inheritedDealloc } from './inherited-dealloc.ts'
import { invalidAbi3tLevel } from './invalid-abi3t-level.ts'
import { limitedApiAfterInclude } from './limited-api-after-include.ts'
import { lostTypeReference } from './lost-type-reference.ts'
import { malformedModuleDef } from './malformed-module-def.ts'
import { malformedPyslot } from './malformed-pyslot.ts'
import { malformedSlotTable } from './malformed-slot-table.ts'
import { malformedSuppression } from './malformed-suppression.ts'
import { meaninglessTypeFlag } from './meaningless-type-flag.ts'
import { mismatchedCapsuleName } from './mismatched-capsule-name.ts'
import { mismatchedInitName } from './mismatched-init-name.ts'
import { mismatchedLimitedApi } from './mismatched-limited-api.ts'
import { mismatchedSlotSignature } from './mismatched-slot-signature.ts'
import { mismatchedStateAccess } from './mismatched-state-access.ts'
import { missingAbiSlot } from './missing-abi-slot.ts'
import { missingBasetypeFlag } from './missing-basetype-flag.ts'
import { missingGcUntrack } from './missing-gc-untrack.ts'
import { missingModuleExport } from './missing-module-export.ts'
import { missingStandardInclude } from './missing-standard-include.ts'
import { missingTypeDecref } from './missing-type-decref.ts'
import { misusedTypeToken } from './misused-type-token.ts'
import { moduleDefLookup } from './module-def-lookup.ts'
import { moduleOfInstanceType } from './module-of-instance-type.ts'
import { newerInPython3Dll } from './newer-in-python3-dll.ts'
import { newerThanTarget } from './newer-than-target.ts'
import { newlyMutableType } from './newly-mutable-type.ts'
import { objectNewOnGcType } from './object-new-on-gc-type.ts'
import { objectNewOnHeapType } from './object-new-on-heap-type.ts'
import { oneSidedStateLookup } from './one-sided-state-lookup.ts'
import { opaqueStructMember } from './opaque-struct-member.ts'
import { opaqueStructSize } from './opaque-struct-size.ts'
import { overwrittenMember } from './overwritten-member.ts'
import { privateName } from './private-name.ts'
import { pythonObjectsInCapsule } from './python-objects-in-capsule.ts'
import { pythoncapiCompatHeader } from './pythoncapi-compat-header.ts'
import { redundantTypeAttribute } from './redundant-type-attribute.ts'
import { removedFromHeaders } from './removed-from-headers.ts'
import { repeatedTypeCreation } from './repeated-type-creation.ts'
import { retargetedCapsule } from './retargeted-capsule.ts'
import { shimVersionGuard } from './shim-version-guard.ts'
import { shortLivedTypeTable } from './short-lived-type-table.ts'
import { singlePhaseInit } from './single-phase-init.ts'
import { singletonInStaticInitializer } from './singleton-in-static-initializer.ts'
import { softDeprecatedApi } from './soft-deprecated-api.ts'
import { stateLookupInHotSlot } from './state-lookup-in-hot-slot.ts'
import { statelessCallback } from './stateless-callback.ts'
import { staticBaseSlot } from './static-base-slot.ts'
import { staticPythonObject } from './static-python-object.ts'
import { staticTypeObject } from './static-type-object.ts'
import { stringLoopAccess } from './string-loop-access.ts'
import { suppressionWithoutReason } from './suppression-without-reason.ts'
import { suspiciousVersionLiteral } from './suspicious-version-literal.ts'
import { temporaryTypeName } from './temporary-type-name.ts'
import { traverseWithoutGc } from './traverse-without-gc.ts'
import { unavailableConstant } from './unavailable-constant.ts'
import { unavailableData } from './unavailable-data.ts'
import { unavailableFunction } from './unavailable-function.ts'
import { unavailableHeader } from './unavailable-header.ts'
import { unavailableMacro } from './unavailable-macro.ts'
import { unavailableThirdPartyHeader } from './unavailable-third-party-header.ts'
import { unavailableType } from './unavailable-type.ts'
import { uncalledFinalizer } from './uncalled-finalizer.ts'
import { uncastObjectArgument } from './uncast-object-argument.ts'
import { uncheckedCapsulePointer } from './unchecked-capsule-pointer.ts'
import { uncheckedCapsuleVersion } from './unchecked-capsule-version.ts'
import { uncheckedGetSlot } from './unchecked-get-slot.ts'
import { uncheckedModuleState } from './unchecked-module-state.ts'
import { uncheckedTypeData } from './unchecked-type-data.ts'
import { undeclaredGilUse } from './undeclared-gil-use.ts'
import { undeclaredModuleSupport } from './undeclared-module-support.ts'
import { undeclaredOwnName } from './undeclared-own-name.ts'
import { undefinedShim } from './undefined-shim.ts'
import { undottedTypeName } from './undotted-type-name.ts'
import { unendedCriticalSection } from './unended-critical-section.ts'
import { unfreedInstance } from './unfreed-instance.ts'
import { unguardedNewerFlag } from './unguarded-newer-flag.ts'
import { unguardedNewerFunction } from './unguarded-newer-function.ts'
import { unguardedNewerSlot } from './unguarded-newer-slot.ts'
import { unknownRuleInSuppression } from './unknown-rule-in-suppression.ts'
import { unownedCapsulePayload } from './unowned-capsule-payload.ts'
import { unownedSingleton } from './unowned-singleton.ts'
import { unreleasedTokenModule } from './unreleased-token-module.ts'
import { unrenamedProtocolCapsule } from './unrenamed-protocol-capsule.ts'
import { unsetMember } from './unset-member.ts'
import { unusedSuppression } from './unused-suppression.ts'
import { unversionedCapsuleTable } from './unversioned-capsule-table.ts'
import { unvisitedMember } from './unvisited-member.ts'
import { unvisitedType } from './unvisited-type.ts'
import { varSizedType } from './var-sized-type.ts'
import { versionHexGuard } from './version-hex-guard.ts'
import { visiblePrivateName } from './visible-private-name.ts'
import { weakrefClearMismatch } from './weakref-clear-mismatch.ts'
import { wrongAbiInfo } from './wrong-abi-info.ts'
import { wrongExportHookType } from './wrong-export-hook-type.ts'
import { wrongModuleStateSize } from './wrong-module-state-size.ts'
import { wrongOffsetMember } from './wrong-offset-member.ts'

/** All rules, by name. */
export const rules: readonly Rule[] = [
  absoluteMemberOffset,
  accessorMacroLvalue,
  accidentalConstructor,
  accidentalPickling,
  assignedMetaclass,
  attributeLoopAccess,
  baseDeallocChain,
  blanketSuppression,
  borrowedReferenceApi,
  borrowedStateMember,
  bufferInObjectMemory,
  cachedCapsulePointer,
  capsuleImportOfSubmodule,
  conflictingBaseLayout,
  conflictingDeclaration,
  constSlotData,
  debugBuildGuard,
  directInstanceFree,
  directSlotCall,
  duplicateModuleSlot,
  earlyApiInExportHook,
  earlyLimitedApiTest,
  errorSwallowingLookup,
  execWritesGlobal,
  faultyShim,
  findModuleState,
  floatingLimitedApiLevel,
  gcTypeWithoutClear,
  gcTypeWithoutTraverse,
  generatedSource,
  gilDisabledGuard,
  handDeclaredApi,
  hashLengthFormat,
  hashLostByRichcompare,
  immutableTypeMutableBase,
  implicitLimitedApiLevel,
  impureTraverse,
  incompleteStateTraverse,
  incompleteVectorcallType,
  indexedCapsuleMacro,
  inheritedDealloc,
  invalidAbi3tLevel,
  limitedApiAfterInclude,
  lostTypeReference,
  malformedModuleDef,
  malformedPyslot,
  malformedSlotTable,
  malformedSuppression,
  meaninglessTypeFlag,
  mismatchedCapsuleName,
  mismatchedInitName,
  mismatchedLimitedApi,
  mismatchedSlotSignature,
  mismatchedStateAccess,
  missingAbiSlot,
  missingBasetypeFlag,
  missingGcUntrack,
  missingModuleExport,
  missingStandardInclude,
  missingTypeDecref,
  misusedTypeToken,
  moduleDefLookup,
  moduleOfInstanceType,
  newerInPython3Dll,
  newerThanTarget,
  newlyMutableType,
  objectNewOnGcType,
  objectNewOnHeapType,
  oneSidedStateLookup,
  opaqueStructMember,
  opaqueStructSize,
  overwrittenMember,
  privateName,
  pythonObjectsInCapsule,
  pythoncapiCompatHeader,
  redundantTypeAttribute,
  removedFromHeaders,
  repeatedTypeCreation,
  retargetedCapsule,
  shimVersionGuard,
  shortLivedTypeTable,
  singlePhaseInit,
  singletonInStaticInitializer,
  softDeprecatedApi,
  stateLookupInHotSlot,
  statelessCallback,
  staticBaseSlot,
  staticPythonObject,
  staticTypeObject,
  stringLoopAccess,
  suppressionWithoutReason,
  suspiciousVersionLiteral,
  temporaryTypeName,
  traverseWithoutGc,
  unavailableConstant,
  unavailableData,
  unavailableFunction,
  unavailableHeader,
  unavailableMacro,
  unavailableThirdPartyHeader,
  unavailableType,
  uncalledFinalizer,
  uncastObjectArgument,
  uncheckedCapsulePointer,
  uncheckedCapsuleVersion,
  uncheckedGetSlot,
  uncheckedModuleState,
  uncheckedTypeData,
  undeclaredGilUse,
  undeclaredModuleSupport,
  undeclaredOwnName,
  undefinedShim,
  undottedTypeName,
  unendedCriticalSection,
  unfreedInstance,
  unguardedNewerFlag,
  unguardedNewerFunction,
  unguardedNewerSlot,
  unknownRuleInSuppression,
  unownedCapsulePayload,
  unownedSingleton,
  unreleasedTokenModule,
  unrenamedProtocolCapsule,
  unsetMember,
  unusedSuppression,
  unversionedCapsuleTable,
  unvisitedMember,
  unvisitedType,
  varSizedType,
  versionHexGuard,
  visiblePrivateName,
  weakrefClearMismatch,
  wrongAbiInfo,
  wrongExportHookType,
  wrongModuleStateSize,
  wrongOffsetMember,
]
