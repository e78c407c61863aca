/*
   Written in the style of public rule collections, as a text that an analyst keeps: it describes WannaCry,
   GandCrab and LockBit by their own words and bytes, and is none of them.
*/

import "pe"

rule MAL_RANSOM_WannaCry_Dropper_May17 {
   meta:
      description = "Detects WannaCry ransomware by strings that many reports name"
      author = "somebody else"
      date = "2017-05-12"
      score = 90
      hash1 = "ed01ebfbc9eb5bbea545af4d01bf5f1071661840480439c6e5babe8e080e41aa"
      hash2 = "24d004a104d4d54034dbcffc2a4b19a11f39008a575aa614ea04703480b1022c"
   strings:
      $x1 = "icacls . /grant Everyone:F /T /C /Q" fullword ascii
      $x2 = "taskdl.exe" fullword ascii
      $x3 = "tasksche.exe" fullword ascii
      $x4 = "Global\\MsWinZonesCacheCounterMutexA" fullword ascii
      $x5 = "WNcry@2ol7" fullword ascii
      $x6 = "www.iuqerfsodp9ifjaposdfjhgosurijfaewrwergwea.com" ascii
      $x7 = "mssecsvc.exe" fullword ascii
      $x8 = "C:\\%s\\qeriuwjhrf" fullword ascii
      $s1 = "C:\\%s\\%s" fullword ascii
      $s2 = "cmd.exe /c \"%s\"" fullword ascii
      $s3 = "msg/m_portuguese.wnry" fullword ascii
      $s4 = "msg/m_vietnamese.wnry" fullword ascii
      $s5 = "\\\\192.168.56.20\\IPC$" fullword wide
      $s6 = "\\\\172.16.99.5\\IPC$" fullword wide
      $s7 = "LANMAN1.0Windows for Workgroups 3.1aLM1.2X002LANMAN2.1NT LM 0.12" ascii
      $s8 = "__TREEID__PLACEHOLDER____USERID__PLACEHOLDER__@" ascii
      $op1 = { 10 AC 72 0D 3D FF FF 1F AC 77 06 B8 01 00 00 00 C3 }
      $op2 = { 44 24 64 8A C6 44 24 65 0E C6 44 24 66 80 C6 44 }
   condition:
      uint16(0) == 0x5A4D and filesize < 10000KB and (1 of ($x*) and 1 of ($s*) or 3 of them)
}

rule MAL_RANSOM_WannaCry_Note_May17 {
   strings:
      $a1 = "Ooops, your important files are encrypted." ascii wide
      $a2 = "Ooops, your files have been encrypted!" wide
      $a3 = "vssadmin delete shadows /all /quiet & wmic shadowcopy delete & bcdedit /set {default} bootstatuspolicy ignoreallfailures & bcdedit /set {default} recoveryenabled no & wbadmin delete catalog -quiet" ascii
      $a4 = "Please follow the instructions to send $300 worth of bitcoin to this address: 12t9YDPgwueZ9NyMgw519p7AA8isjr6SMw" ascii
      $b1 = "WANACRY!" ascii
      $b2 = "%s\\Intel" ascii
      $b3 = "%s\\ProgramData" ascii
      $b4 = "gx7ekbenv2riucmf.onion;57g7spgrzlojinas.onion;xxlvbrloxvriy2c5.onion;76jdd2ir2embyv47.onion;cwwnhwhlz52maqm7.onion;" ascii
      $c1 = "tasksche.exe" wide
      $c2 = "@WanaDecryptor@.exe" ascii wide
      $c3 = "@Please_Read_Me@.txt" ascii wide
   condition:
      3 of them
}

rule MAL_RANSOM_GandCrab_Note_Mar19 {
   strings:
      $a1 = "---= GANDCRAB V5.1 =---" ascii wide
      $a2 = "---= GANDCRAB V5.2 =---" ascii wide
      $a3 = "All your files, documents, photos, databases and other important files are encrypted and have the extension: .KRAB" ascii wide
      $a4 = "gandcrabmfe6mnef.onion" ascii wide
   condition:
      2 of them
}

rule MAL_RANSOM_LockBit_Note_Jul22 {
   strings:
      $a1 = "~~~ LockBit 3.0 the world's fastest and most stable ransomware from 2019~~~" ascii
      $a2 = ">>>>> Your data is stolen and encrypted." ascii
      $a3 = "Do not delete or modify encrypted files" ascii
   condition:
      2 of them
}

rule EXPL_EternalBlue_Tool_Apr17 {
   strings:
      $a1 = "Eternalblue-2.2.0.exe" ascii
      $a2 = "Doublepulsar-1.3.1.exe" ascii
      $a3 = "<t:config xmlns:t=\"urn:trch\" id=\"e6f1b1d9\" name=\"Eternalblue\" version=\"2.2.0\">" ascii
      $a4 = "MaxExploitAttempts" ascii
      $a5 = "GroomAllocations" ascii
      $a6 = "VerifyBackdoor" ascii
   condition:
      3 of them
}
