import{a,b}from"./shared-WY4TLFXA.js";import"./shared-62ZMTVRK.js";export{a as Refused,b as store};
